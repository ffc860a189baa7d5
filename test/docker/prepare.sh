#!/usr/bin/env bash
# What the docker tests need on a machine where no registry can be reached: an engine, an image with Node.js made
# of this machine's own files, others of etcd and of a program of the tests', and the real Toxiproxy, compiled where Go is
# at hand. Says what can't be had; the tests then say that they are skipped, or use the embedded server.
#   test/docker/prepare.sh        make it all ready
#   test/docker/prepare.sh stop   stop the engine that this script has started
set -euo pipefail
cd "$(dirname "$0")/../.."

STATE="${TMPDIR:-/tmp}/raftwreck-docker-$(id -u)"
BASE=raftwreck-base:local
ETCD=raftwreck-etcd:local
RAFTING=raftwreck-rafting:local
TOXIPROXY_VERSION=2.12.0
TOXIPROXY="raftwreck-toxiproxy:$TOXIPROXY_VERSION"
ENGINE_SECONDS=60

engine_answers() { docker version >/dev/null 2>&1; }

install_engine() {
  command -v dockerd >/dev/null && return
  if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
    echo "no Docker engine, and no apt-get as root to install it: the docker tests will be skipped"
    exit 0
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq docker.io >/dev/null
}

# Only the tests of docker-compose.yml need it.
install_compose() {
  docker compose version >/dev/null 2>&1 && return
  command -v docker-compose >/dev/null && return
  if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ] ||
    ! DEBIAN_FRONTEND=noninteractive apt-get install -y -qq docker-compose >/dev/null; then
    echo "no Compose, and it could not be installed: its tests will be skipped"
  fi
}

start_engine() {
  mkdir -p "$STATE"
  setsid dockerd >"$STATE/dockerd.log" 2>&1 &
  echo $! >"$STATE/dockerd.pid"
  for _ in $(seq $((ENGINE_SECONDS * 5))); do
    engine_answers && return
    kill -0 "$(cat "$STATE/dockerd.pid")" 2>/dev/null || break
    sleep 0.2
  done
  echo "dockerd does not answer: the docker tests will be skipped; its last words:"
  tail -5 "$STATE/dockerd.log"
  exit 0
}

stop_engine() {
  [ -f "$STATE/dockerd.pid" ] || return 0
  pid=$(cat "$STATE/dockerd.pid")
  rm -f "$STATE/dockerd.pid"
  kill "$pid" 2>/dev/null || return 0
  for _ in $(seq 150); do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.2
  done
  echo "dockerd (process $pid) did not end within 30 s"
  return 1
}

# make_image NAME PROGRAM...: the programs, under their names, and the libraries that they are linked with.
make_image() {
  local image=$1 root program file
  shift
  root=$(mktemp -d)
  mkdir -p "$root/tmp" "$root/usr/local/bin"
  chmod 1777 "$root/tmp"
  for program in "$@"; do
    cp -L "$program" "$root/usr/local/bin/"
    # Of one that is linked with none, ldd says so.
    for file in $(ldd "$program" 2>/dev/null | grep -o '/[^ ]*' || true); do
      mkdir -p "$root$(dirname "$file")"
      cp -L "$file" "$root$file"
    done
  done
  tar -C "$root" -c . | docker import -c 'ENV PATH=/usr/local/bin:/usr/bin:/bin' - "$image" >/dev/null
  rm -rf "$root"
}

make_base() {
  docker image inspect "$BASE" >/dev/null 2>&1 && return
  make_image "$BASE" "$(command -v node)"
}

# As people make theirs: the program, and how it is started.
make_rafting() {
  docker build --quiet --tag "$RAFTING" --file - test/programs >/dev/null 2>&1 <<END || echo "no image $RAFTING could be built"
FROM $BASE
COPY rafting.mjs /
EXPOSE 8000
ENTRYPOINT ["node", "/rafting.mjs"]
END
}

# Debian's etcd: this machine's, or out of the package, which is not installed, so that nothing of it is started.
make_etcd() {
  docker image inspect "$ETCD" >/dev/null 2>&1 && return
  local folder etcd
  folder=$(mktemp -d)
  etcd=$(command -v etcd) || etcd="$folder/usr/bin/etcd"
  if [ -x "$etcd" ] || (cd "$folder" && { apt-get download -qq etcd-server || {
    apt-get update -qq && apt-get download -qq etcd-server
  }; } && dpkg-deb -x etcd-server_*.deb .) >/dev/null 2>&1; then
    make_image "$ETCD" "$etcd"
  else
    echo "no etcd here, and its package can't be had: its tests in containers will be skipped"
  fi
  rm -rf "$folder"
}

make_toxiproxy() {
  docker image inspect "$TOXIPROXY" >/dev/null 2>&1 && return
  local context
  context=$(mktemp -d)
  if command -v go >/dev/null && (cd "$context" && CGO_ENABLED=0 GOBIN="$context" \
    go install "github.com/Shopify/toxiproxy/v2/cmd/server@v$TOXIPROXY_VERSION" 2>"$context/go.log"); then
    mkdir "$context/root"
    mv "$context/server" "$context/root/toxiproxy"
    tar -C "$context/root" -c . |
      docker import -c 'ENTRYPOINT ["/toxiproxy"]' -c 'CMD ["-host=0.0.0.0"]' - "$TOXIPROXY" >/dev/null
  else
    echo "the real Toxiproxy cannot be compiled here: the tests use the embedded server"
  fi
  rm -rf "$context"
}

if [ "${1:-}" = stop ]; then
  stop_engine
  exit
fi
install_engine
engine_answers || start_engine
install_compose
make_base
make_rafting
make_etcd
make_toxiproxy
docker version --format 'engine {{.Server.Version}}'
docker image ls --format '{{.Repository}}:{{.Tag}} {{.Size}}' | grep '^raftwreck-' || true
