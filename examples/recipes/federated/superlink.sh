#!/bin/sh
# superlink.sh FOLDER HOST PORT [OWN]: the server of a federation, over TLS, for registered sites.
#
# FOLDER holds server.pem, server.key and ca.pem of certificates.py. Sites reach HOST:PORT, where
# gate.py lets nothing pass but what sites ask. Runs, which are programs that sites execute, are
# started on port OWN (9093), which only who is on this machine reaches; run.sh finds it in FOLDER.
set -eu
folder=$(cd "$1" && pwd) own=${4:-9093}
mkdir -p "$folder/operator"
cat >"$folder/operator/config.toml" <<END
[superlink]
default = "federation"
[superlink.federation]
address = "127.0.0.1:$own"
root-certificates = "$folder/ca.pem"
END
export FLWR_HOME="$folder/superlink" FLWR_TELEMETRY_ENABLED=0 FLWR_DISABLE_UPDATE_CHECK=1
flower-superlink --host 127.0.0.1 --port "$own" \
    --ssl-certfile "$folder/server.pem" --ssl-keyfile "$folder/server.key" \
    --ssl-ca-certfile "$folder/ca.pem" \
    --enable-supernode-auth --disable-runtime-dependency-installation &
exec python "$(dirname "$0")/gate.py" "$folder" "$2" "$3" "$own" "$!"
