"""Holds what every part uses: errors, atomic file writes, child processes, limits and progress."""
