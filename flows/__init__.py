"""Everything that touches the world: files, clock, database, orchestration and the terminal."""
