"""What sampling costs, and whether two builds sample the same; one JSON line.

usage: sampling.py MODEL ENTITIES [--seed N] [--write FILE]

MODEL is a model folder. Compared are builds: run it with each of them on PYTHONPATH, taking turns;
the same digest is the same histories, byte for byte. Seconds are of the processor, on one thread
unless OMP_NUM_THREADS says more. With --write blocks go to a Parquet file as they come, and the
digest is of the file.
"""

import argparse
import hashlib
import json
import resource
import time
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from anonymizer import SequenceModel


def digest(blocks: pl.DataFrame | Path) -> str:
    """Of all values, or of a file."""
    held = blocks.read_bytes() if isinstance(blocks, Path) else blocks.write_csv().encode()
    return hashlib.sha256(held).hexdigest()[:16]


def sample(model: SequenceModel, entities: int, seed: int, file: Path | None) -> tuple[int, str]:
    """How many events were sampled, and what they were."""
    if file is None:
        frame = model.sample(entities, seed=seed)
        return len(frame), digest(frame)
    rows, writer = 0, None
    for block in model.sample_blocks(entities, seed=seed):
        table = block.to_arrow()
        writer = writer or pq.ParquetWriter(file, table.schema)
        writer.write_table(table)
        rows += len(block)
    if writer:
        writer.close()
    return rows, digest(file)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("entities", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    loaded = SequenceModel.load(asked.model)
    loaded.sample(2)  # what the first sample has to load
    started = time.process_time()
    events, same = sample(loaded, asked.entities, asked.seed, asked.write)
    seconds = time.process_time() - started
    gigabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        json.dumps(
            {
                "entities": asked.entities,
                "events": events,
                "cpu_s": round(seconds, 2),
                "gb": round(gigabytes, 2),
                "digest": same,
            }
        )
    )
