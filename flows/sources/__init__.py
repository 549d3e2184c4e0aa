"""What a clinical system looks like, and what is asked of it."""
