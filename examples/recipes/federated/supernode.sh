#!/bin/sh
# supernode.sh FOLDER SERVER:PORT SITE [PORT]: a site of a federation.
#
# FOLDER holds ca.pem and SITE.key of certificates.py, and SITE.toml, which says what is the site's
# own: where its data stand, where its model goes, and where the key is that only sites have. PORT
# is for its own processes, on this machine.
set -eu
folder=$(cd "$1" && pwd)
export FLWR_HOME="$folder/$3" FLWR_TELEMETRY_ENABLED=0 FLWR_DISABLE_UPDATE_CHECK=1
export FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION=1
exec flower-supernode --superlink "$2" --root-certificates "$folder/ca.pem" \
    --auth-supernode-private-key "$folder/$3.key" --node-config "$folder/$3.toml" --port "${4:-9094}"
