#!/usr/bin/env bash
# Starts a private PostgreSQL that waits for the disk at each commit, and prints its port and postmaster; `stop` ends it.
# usage: postgres.sh start|stop FOLDER PORT. As root it runs as the user `postgres`, who must reach the folder.
set -euo pipefail
dir=$2 port=$3
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
[ -n "$bin" ] || bin=$(dirname "$(command -v initdb)")
as() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --init-groups "$@"; else "$@"; fi; }
if [ "$1" = stop ]; then as "$bin/pg_ctl" -D "$dir" -m fast stop >/dev/null; exit; fi
if [ ! -f "$dir/PG_VERSION" ]; then
  mkdir -p "$dir"; [ "$(id -u)" != 0 ] || chown postgres: "$dir"
  (cd /tmp && as "$bin/initdb" -D "$dir" -U postgres --auth=trust --locale=C --encoding=UTF8 >/dev/null)
fi
if ! as "$bin/pg_ctl" -D "$dir" status >/dev/null 2>&1; then
  options="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c shared_buffers=512MB -c max_connections=200 -c max_wal_size=4GB"
  (cd /tmp && as setsid "$bin/pg_ctl" -D "$dir" -w -l "$dir/log" -o "$options" start >/dev/null)
fi
head -1 "$dir/postmaster.pid"
