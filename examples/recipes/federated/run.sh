#!/bin/sh
# run.sh FOLDER SERVER:PORT APP [KEY=VALUE...]: let the sites in whose FOLDER/*.pub is there, and run.
#
# It comes after superlink.sh and before supernode.sh, as only sites that are let in may connect, and
# waits `wait` seconds for them. FOLDER holds ca.pem, too. What APP/pyproject.toml says of a run,
# KEY=VALUE say otherwise: sites, minimum, wait, deadline, rounds, ends-rounds, patience, aggregation.
# Prints the number of the run, as JSON. How it goes, and at the end the report:
#     FLWR_HOME=FOLDER/operator flwr log NUMBER federation
#     FLWR_HOME=FOLDER/operator flwr list federation --format json
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
