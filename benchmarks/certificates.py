"""Certificates made with one number of threads, checked with another.

usage: certificates.py FOLDER [--customers 300]

FOLDER holds `online_retail.parquet` and `cdnow.parquet`. Online Retail is masked by the rules
below and audited, CDNOW stands for synthetic histories of itself (other customers), so that nothing
but `certify` and `verify` is new. Each is certified in a process with one thread and verified, with
the raw data, in one with each of `THREADS`.
One JSON line each: seconds of processor time, and the faults that were found.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import polars as pl
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

THREADS = (1, 2)
RULES = """version: 1
entity: CustomerID
order: shuffled
unlisted: drop
columns:
  CustomerID: token
  InvoiceDate: {mask: date_truncate, to: month}
  StockCode: keep
  Country: {mask: rare, k: 50}
"""


def keys(folder: Path) -> None:
    """A private key and its public one."""
    key = Ed25519PrivateKey.generate()
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
    (folder / "officer.pem").write_bytes(key.private_bytes(*form, serialization.NoEncryption()))
    (folder / "officer.pem").chmod(0o600)
    public = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (folder / "officer.pub").write_bytes(key.public_key().public_bytes(*public))


def run(folder: Path, threads: int, *words: str) -> tuple[int, list[str], float]:
    """A command by itself: its status, what it says of faults, and seconds of processor time."""
    number = str(threads)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "anonymizer", *words],
        cwd=folder,
        env=os.environ
        | {"POLARS_MAX_THREADS": number, "OMP_NUM_THREADS": number}
        | {"ANONYMIZER_KEY": "9f1c5a7e2b4d6f8091a3c5e7d9fb1234"},
        capture_output=True,
        text=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    faults = [line for line in done.stderr.splitlines() if "statement/" in line or "output" in line]
    return done.returncode, faults, round(seconds, 1)


def judged(folder: Path, name: str, raw: tuple[str, ...], *judging: str) -> None:
    """Certify what was judged, and check that on each number of threads."""
    assert run(folder, 1, *judging, "--json", "figures.json")[0] == 0
    output = raw[0]
    signing = ("--signing-key", "officer.pem", "--despite", "a benchmark", "--overwrite")
    assert run(folder, 1, "certify", output, "figures.json", "c.json", *signing)[0] == 0
    checking = ("c.json", *raw, "--signer", "officer.pub")
    for threads in THREADS:
        status, faults, seconds = run(folder, threads, "verify", *checking)
        told = {"data": name, "threads": threads, "accepted": status == 0, "s": seconds}
        print(json.dumps({**told, "faults": faults}), flush=True)


def main() -> None:
    """An audit and a check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--customers", type=int, default=300)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        keys(folder)
        (folder / "rules.yaml").write_text(RULES)
        retail = pl.read_parquet(given.folder / "online_retail.parquet").drop_nulls("CustomerID")
        retail.write_parquet(folder / "raw.parquet")
        masking = ("mask", "raw.parquet", "masked.parquet", "--rules", "rules.yaml")
        assert run(folder, 1, *masking)[0] == 0
        columns = ("--entity", "CustomerID", "--time", "InvoiceDate")
        judged(
            folder, "audit", ("masked.parquet", "raw.parquet"),
            "audit", "raw.parquet", "masked.parquet", *columns,
        )  # fmt: skip
        events = pl.read_parquet(given.folder / "cdnow.parquet")
        ids = events["customer_id"].unique().sort().head(3 * given.customers)
        for part, name in enumerate(("real", "synthetic", "holdout")):
            of = ids.slice(part * given.customers, given.customers).to_list()
            events.filter(pl.col("customer_id").is_in(of)).write_parquet(folder / f"{name}.parquet")
        sets = ("--real", "real.parquet", "--synthetic", "synthetic.parquet")
        judged(
            folder, "check", ("synthetic.parquet", "real.parquet", "--holdout", "holdout.parquet"),
            "check", *sets, "--holdout", "holdout.parquet",
            "--entity", "customer_id", "--time", "date",
        )  # fmt: skip


if __name__ == "__main__":
    main()
