#!/bin/sh
# From a file that nobody knows to one that was attacked: inspect, edit, lint, mask, audit.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p examples-output/02
cd examples-output/02
export ANONYMIZER_KEY=0f1e2d3c4b5a69788796a5b4c3d2e1f0 # yours: openssl rand -hex 32
PYTHONPATH=$here python -c 'import made_up; made_up.customers().write_csv("raw.csv")'

anonymizer inspect raw.csv --output rules.yaml --overwrite # what is in it; rules to read and edit
sed -i.bak '/^# anonymity:/,$s/^# //' rules.yaml            # an edit: ask for k-anonymity, k = 5
anonymizer lint rules.yaml raw.csv                          # what is risky in them
anonymizer mask raw.csv masked.csv --rules rules.yaml --manifest record.json --overwrite
anonymizer audit raw.csv masked.csv --csv @rules.yaml --entity id \
    --quasi-identifiers birth_date,zip --report audit.html  # what somebody can still do with it
