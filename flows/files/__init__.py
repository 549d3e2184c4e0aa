"""Files of every kind and place."""
