#!/bin/sh
# container.sh FOLDER: mask FOLDER/raw/orders.csv into FOLDER/masked/ in a container of the plain
# Python image: no image of one's own is built. FOLDER/wheels has the wheel of `make wheel`.
#
# What sees raw rows has no network, no root, no capabilities, a file system that it cannot write
# to but for masked/, and the key as a file. masked/ and key belong to the user 10001.
set -eu
folder=$(cd "$1" && pwd)
image=${IMAGE:-python:3.13-slim} # better: with its digest
here=$(cd "$(dirname "$0")" && pwd)

# With the network, without data: the package goes into a folder.
[ -e "$folder/packages/anonymizer" ] || docker run --rm \
    --volume "$folder/wheels:/wheels:ro" --volume "$folder/packages:/packages" \
    "$image" sh -c 'pip install --quiet --target /packages /wheels/*.whl'

# With data, without the network.
docker run --rm --network none --read-only --tmpfs /tmp --user 10001:10001 \
    --cap-drop ALL --security-opt no-new-privileges --env PYTHONPATH=/packages \
    --volume "$folder/packages:/packages:ro" --volume "$here/orders.yaml:/orders.yaml:ro" \
    --volume "$folder/raw:/raw:ro" --volume "$folder/masked:/masked" \
    --volume "$folder/key:/run/secrets/key:ro" \
    "$image" python -m anonymizer mask /raw/orders.csv /masked/orders.parquet \
    --rules /orders.yaml --key-file /run/secrets/key --manifest /masked/orders.json --overwrite
