#!/bin/sh
# run.sh FOLDER SERVER:PORT APP [KEY=VALUE...]: let the sites in whose FOLDER/*.pub is there, and run.
#
# FOLDER holds ca.pem, too. What APP/pyproject.toml says of a run, KEY=VALUE say otherwise. Prints
# what Flower says of the run, as JSON; `flwr list federation` and `flwr log` say how it goes.
set -eu
folder=$1 server=$2 app=$3
shift 3
export FLWR_HOME="$folder/operator" FLWR_TELEMETRY_ENABLED=0 FLWR_DISABLE_UPDATE_CHECK=1
mkdir -p "$FLWR_HOME"
cat >"$FLWR_HOME/config.toml" <<END
[superlink]
default = "federation"
[superlink.federation]
address = "$server"
root-certificates = "$folder/ca.pem"
END
for site in "$folder"/*.pub; do
    flwr supernode register "$site" federation >&2 &
done
wait
exec flwr run "$app" federation --format json ${1:+--run-config "$*"}
