"""Which records belong together."""
