"""Links records to their parents, to each other and to the previous submission."""
