#!/bin/sh
# nightly.sh FOLDER: mask FOLDER/raw/orders.csv into FOLDER/masked/, under the key in FOLDER/key.
#
# Prints nothing after a good night. Exit status: 0 masked; 75 the run before still goes on;
# 2 rules, data or call are wrong, as they will be when it is tried again; 1 anything else.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
umask 077
exec 9>lock
flock --nonblock 9 || { echo "nightly: the run before still goes on; nothing was done" >&2; exit 75; }
anonymizer mask raw/orders.csv masked/orders.parquet --rules "$here/orders.yaml" --key-file key \
    --manifest masked/orders.json --overwrite 2>last.log || {
    status=$?
    tail -n 1 last.log >&2
    exit "$status"
}
