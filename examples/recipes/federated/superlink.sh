#!/bin/sh
# superlink.sh FOLDER HOST PORT: the server of a federation, over TLS, for sites that are registered.
#
# FOLDER holds server.pem, server.key and ca.pem of certificates.py. Whoever reaches the port may
# start runs, which are programs that sites execute: let only the sites and yourself reach it.
set -eu
export FLWR_HOME="$1/superlink" FLWR_TELEMETRY_ENABLED=0 FLWR_DISABLE_UPDATE_CHECK=1
exec flower-superlink --host "$2" --port "$3" \
    --ssl-certfile "$1/server.pem" --ssl-keyfile "$1/server.key" --ssl-ca-certfile "$1/ca.pem" \
    --enable-supernode-auth --disable-runtime-dependency-installation
