"""Masks texts that come as lines of JSON with maskops; a line with the seconds that they took.

The Python that runs this has maskops (2.1) and Polars. The first argument says which of its
patterns look, with commas between them; all where it is left out.
"""

import json
import sys
import time

import maskops
import polars as pl

patterns = sys.argv[1].split(",") if len(sys.argv) > 1 and sys.argv[1] else None
for line in sys.stdin:
    frame = pl.DataFrame({"text": json.loads(line)})
    start = time.process_time()
    frame.with_columns(maskops.mask_pii("text", patterns=patterns))
    print(json.dumps([time.process_time() - start, []]), flush=True)
