#!/usr/bin/env bash
# The conformance tests of the embedded server, and those of the links, against the real Toxiproxy in a container of this
# host's network: what the tests ask of the one holds for the other.
set -euo pipefail
cd "$(dirname "$0")/../.."

IMAGE="${RAFTWRECK_TOXIPROXY_IMAGE:-raftwreck-toxiproxy:2.12.0}"
PORT=28474

if ! docker image inspect "$IMAGE" >/dev/null 2>&1; then
  echo "no image $IMAGE here: the real Toxiproxy is not asked"
  exit 0
fi
container=$(docker run --detach --init --network host "$IMAGE" -host=127.0.0.1 -port="$PORT" -proxy-metrics)
trap 'docker rm --force "$container" >/dev/null' EXIT
for _ in $(seq 100); do
  curl --silent --fail "http://127.0.0.1:$PORT/version" && break
  sleep 0.1
done
TOXIPROXY_URL="http://127.0.0.1:$PORT" npx vitest run --project unit test/toxiproxy test/environment/proxies.test.ts --no-file-parallelism "$@"
