"""Everything that touches the world: files, clock, database, orchestration and the terminal."""

import os

# Said before polars is loaded.  Its allocator gives the memory of large columns back at once, only to
# ask for it again: keeping it for some seconds takes a tenth off the time, and no more memory at the peak.
os.environ.setdefault("_RJEM_MALLOC_CONF", "oversize_threshold:0,dirty_decay_ms:3000")
