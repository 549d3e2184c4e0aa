"""Writes what people read about a run: the summary, tables, the HTML report and the rule catalogue."""
