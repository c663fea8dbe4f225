#!/bin/sh
# run.sh FOLDER APP [KEY=VALUE...]: let the sites in whose FOLDER/*.pub is there, and run.
#
# It runs on the server's machine, after superlink.sh and before supernode.sh, as only sites that
# are let in may connect, and the run waits `wait` seconds for them. What APP/pyproject.toml says of
# a run, KEY=VALUE say otherwise: sites, minimum, wait, deadline, rounds, ends-rounds, patience,
# aggregation. Prints the number of the run, as JSON, and how to see where it stands.
set -eu
folder=$(cd "$1" && pwd) app=$2
shift 2
export FLWR_HOME="$folder/operator" FLWR_TELEMETRY_ENABLED=0 FLWR_DISABLE_UPDATE_CHECK=1

for site in "$folder"/*.pub; do
    said=$(flwr supernode register "$site" federation 2>&1) && continue
    case $said in *"already in use"*) continue ;; esac # it was let in before
    printf '%s is not let in: %s\n' "$site" "$said" >&2
    exit 1
done
told=$(flwr run "$app" federation --format json ${1:+--run-config "$*"}) || true
printf '%s\n' "$told"
number=$(printf '%s\n' "$told" | sed -n 's/.*"run-id": "\{0,1\}\([0-9]*\).*/\1/p')
test -n "$number" || exit 1
cat >&2 <<END
How it goes, with the report at the end, and whether it is over:
    FLWR_HOME='$FLWR_HOME' flwr log $number federation
    FLWR_HOME='$FLWR_HOME' flwr list federation --run-id $number
END
