"""What every part needs: errors, files that appear whole, processes, progress."""
