#!/usr/bin/env bash
# Starts a private PostgreSQL for the tests and prints its address; `stop` ends it.
# Data is thrown away, so nothing waits for the disk. As root it runs as the user `postgres`, who must reach the folder.
set -euo pipefail
dir=${PARVIS_TEST_POSTGRES:-/tmp/parvis-test-postgres}
port=${PARVIS_TEST_POSTGRES_PORT:-54329}
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
[ -n "$bin" ] || bin=$(dirname "$(command -v initdb)")
as() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --init-groups "$@"; else "$@"; fi; }
case ${1:-start} in
  stop) as "$bin/pg_ctl" -D "$dir" -m immediate stop >/dev/null 2>&1 || true ;;
  start)
    if [ ! -f "$dir/PG_VERSION" ]; then
      rm -rf "$dir"; mkdir -p "$dir"; [ "$(id -u)" != 0 ] || chown postgres: "$dir"
      (cd /tmp && as "$bin/initdb" -D "$dir" -U postgres --auth=trust --locale=C --encoding=UTF8 >/dev/null)
    fi
    if ! as "$bin/pg_ctl" -D "$dir" status >/dev/null 2>&1; then
      (cd /tmp && as "$bin/pg_ctl" -D "$dir" -w -l "$dir/log" \
        -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c full_page_writes=off -c max_connections=300" start >/dev/null)
    fi
    echo "postgres://postgres@127.0.0.1:$port/postgres" ;;
esac
