"""From an export to the full results of a run."""
