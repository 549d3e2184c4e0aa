"""Measurements of the pipeline, as ratios taken side by side (make bench)."""
