#!/usr/bin/env bash
# Flower's FedAvg averages a head of three words with one of a single word, if the larger comes first.
#
# flwr 1.42.0, numpy 2.4.6, Python 3.11, Linux. Two sites whose vocabularies were not agreed on send a
# layer under one name: three weights here, one there. The mean is taken in place into the first reply,
# and numpy stretches the single weight over all three; nothing is said. With the same two replies in
# the other order the round ends with an error of numpy. Who answers first is chance.
#
# Seen: "three first: [2.0, 2.0, 2.0]; one first: ValueError". Fails if that changes. Needs PyPI.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet flwr==1.42.0 numpy==2.4.6
cd "$work"
FLWR_TELEMETRY_ENABLED=0 venv/bin/python - 2>/dev/null <<'PY'
import numpy as np
from flwr.app import Array, ArrayRecord, Message, MetricRecord, RecordDict
from flwr.serverapp.strategy import FedAvg
from flwr.supercore.task_identity import TaskIdentity

TaskIdentity.run_id, TaskIdentity.node_id, TaskIdentity.task_id = 1, 1, 1


def reply(weights, node):
    asked = Message(RecordDict(), node, "train")
    asked.metadata.__dict__["_message_id"] = "1"
    arrays = ArrayRecord({"head": Array(np.array(weights, np.float32))})
    told = {"arrays": arrays, "metrics": MetricRecord({"num-examples": 10})}
    return Message(RecordDict(told), reply_to=asked)


def mean(*replies):
    try:
        arrays, _ = FedAvg().aggregate_train(1, replies)
        return arrays["head"].numpy().tolist()
    except Exception as error:
        return type(error).__name__


three, one = ([1.0, 1.0, 1.0], 11), ([3.0], 12)
found = f"three first: {mean(reply(*three), reply(*one))}; one first: {mean(reply(*one), reply(*three))}"
print(found)
raise SystemExit(found != "three first: [2.0, 2.0, 2.0]; one first: ValueError")
PY
