"""From an export to everything that a run found."""
