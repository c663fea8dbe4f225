#!/usr/bin/env bash
# While Polars writes, no signal handler of Python runs: TERM waits until the sink has returned.
#
# polars 2.1.0, Python 3.11, Linux. `sink_parquet` releases the lock of the interpreter, so one would
# guess that a handler of `signal.signal` runs at once, as it does beside other long calls. It runs
# when the sink is done, however long that takes: a job that cleans up on TERM is killed first, where
# an orchestrator waits 30 seconds before it sends KILL. A thread that waits in `signal.sigwait`, with
# the signal blocked elsewhere, hears it at once.
#
# Seen: "TERM after 0.5 s of a sink of 2.9 s: handled after 2.9 s". Fails if the handler ran while
# the sink was at work, or if the sink was too short to tell. Needs PyPI.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet polars==2.1.0
cd "$work"
"$work/venv/bin/python" - <<'PY'
import os
import signal
import threading
import time

import polars as pl

handled: list[float] = []
signal.signal(signal.SIGTERM, lambda *_: handled.append(time.monotonic()))
rows = pl.LazyFrame({"x": range(10)}).join(pl.LazyFrame({"y": range(1_000_000)}), how="cross")
rows = rows.with_columns(z=pl.format("{}-{}", "x", "y").str.to_uppercase())
began = time.monotonic()
timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGTERM))
timer.start()
rows.sink_parquet("rows.parquet")
ended = time.monotonic()
timer.join()
time.sleep(0.1)
late, whole = handled[0] - began, ended - began
print(f"TERM after 0.5 s of a sink of {whole:.1f} s: handled after {late:.1f} s")
raise SystemExit(whole < 1 or late < 0.9 * whole)
PY
