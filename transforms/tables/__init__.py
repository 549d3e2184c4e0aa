"""Tables of any kind: joins, texts, threads."""
