"""Everything with side effects: files, clock, database, orchestration and the terminal."""

import os

# Set before polars is loaded. By default its allocator returns the memory of large columns to the system at once and
# soon asks for it again. Keeping that memory for three seconds makes runs a tenth faster without raising the peak.
os.environ.setdefault("_RJEM_MALLOC_CONF", "oversize_threshold:0,dirty_decay_ms:3000")
# Set before Prefect is loaded, so that it sends nothing off this machine.
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DO_NOT_TRACK", "1")
