"""What people read of a run: the summary, tables, the HTML report, the catalogue."""
