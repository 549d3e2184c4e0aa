"""Landing of a run: its file and its audit rows, both or neither."""
