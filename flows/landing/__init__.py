"""The file and the audit of a run, both or neither."""
