#!/usr/bin/env bash
# Making the first optimiser imports torch's compiler: a second or more before the first step.
#
# torch 2.13.0 (CPU), Python 3.11, Linux. `import torch` does not import torch._dynamo. Making the first
# object of any class in torch.optim does, as its constructor is decorated to be skipped by the
# compiler, though nothing is compiled. A program that fits small models in seconds pays more for it
# than for an epoch; a step written by hand on the parameters does without.
#
# Seen: "after import False, after SGD True, modules more: over 500". Fails if that changes. Needs PyPI.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet torch==2.13.0 numpy
"$work/venv/bin/python" - 2>/dev/null <<'PY'
import sys
import time

import torch

after_import = "torch._dynamo" in sys.modules
weight = torch.zeros(3, requires_grad=True)
before, started = len(sys.modules), time.perf_counter()
torch.optim.SGD([weight], lr=0.1)
seconds, more = time.perf_counter() - started, len(sys.modules) - before
after_first = "torch._dynamo" in sys.modules
print(f"after import {after_import}, after SGD {after_first}, modules more: {more}, {seconds:.1f} s")
raise SystemExit((after_import, after_first, more > 500) != (False, True, True))
PY
