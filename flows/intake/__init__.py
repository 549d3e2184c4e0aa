"""From the files of an export to records of text."""
