"""What happens to data: polars in, polars out; no file, clock, network or database."""
