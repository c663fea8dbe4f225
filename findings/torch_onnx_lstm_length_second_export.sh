#!/usr/bin/env bash
# The second ONNX export of one LSTM in a process takes sequences of one length only; the first took all.
#
# torch 2.13.0, onnx 1.23.2, onnxscript 0.7.2, onnxruntime 1.32.0, Python 3.11, Linux. The exporter
# (`dynamo=True`) is told that the batch and the length of the input vary. One would guess that what
# it writes depends on the model alone. It does not, and nothing is said:
#
#   first export    input [b, t, 8], output [b, 7, 5]: 7 is the length of the example. Texts of nine
#                   words run; onnxruntime writes a warning about the shape of the output.
#   second export   of the same module with the same arguments: input [b, 7, 8]. Nine words are
#                   refused with INVALID_ARGUMENT.
#   nn.RNN          [b, 7, 8] at once.
#   batch_first     False: the length, now in front, is the one that is fixed (3), the batch varies.
#
# A program that exports a model after each round of training so writes files of two kinds; a test
# that exports once does not see it. Fails if a shape changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet \
  torch==2.13.0 numpy onnx==1.23.2 onnxscript==0.7.2 onnxruntime==1.32.0
cat >"$folder/export.py" <<'PYTHON'
import sys
import warnings

import numpy as np
import onnxruntime
import torch

warnings.simplefilter("ignore")
onnxruntime.set_default_logger_severity(3)


class States(torch.nn.Module):
    def __init__(self, kind, batch_first):
        super().__init__()
        self.cells = kind(8, 5, batch_first=batch_first)

    def forward(self, words):
        return self.cells(words)[0]


def exported(model):
    both = {0: torch.export.Dim("b"), 1: torch.export.Dim("t")}
    example = (torch.zeros(3, 7, 8),)
    program = torch.onnx.export(
        model, example, dynamo=True, dynamic_shapes=(both,), verbose=False
    )
    program.save("model.onnx")
    session = onnxruntime.InferenceSession("model.onnx")
    (words,) = session.get_inputs()
    try:
        session.run(None, {words.name: np.zeros((3, 9, 8), np.float32)})
        ran = "nine words run"
    except Exception as error:
        ran = type(error).__name__
    return words.shape, session.get_outputs()[0].shape, ran


def told(what, model, expected):
    found = exported(model)
    print(what, *found)
    assert found == expected, what


if sys.argv[1] == "LSTM":
    lstm = States(torch.nn.LSTM, True).eval()
    told("first export:", lstm, (["b", "t", 8], ["b", 7, 5], "nine words run"))
    told("second export:", lstm, (["b", 7, 8], ["b", 7, 5], "InvalidArgument"))
elif sys.argv[1] == "RNN":
    told("RNN:", States(torch.nn.RNN, True).eval(), (["b", 7, 8], ["b", 7, 5], "InvalidArgument"))
else:
    late = States(torch.nn.LSTM, False).eval()
    told("length in front:", late, (["b", "t", 8], [3, "t", 5], "nine words run"))
PYTHON
cd "$folder"
for kind in LSTM RNN front; do venv/bin/python export.py "$kind" 2>log || { tail -n 3 log; exit 1; }; done
