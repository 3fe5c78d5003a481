#!/bin/sh
# Makes sure that the servers of the embedded mode are installed: PostgreSQL 15 or newer, and nats-server.
# Does nothing when they are. Debian 12+ and Ubuntu 24.04+ by apt-get (as root or with sudo), macOS by Homebrew.
# It neither makes nor starts a database or a service of the system's own.
set -eu

OLDEST=15

fail() {
    echo "install-servers: $*" >&2
    exit 1
}

# Succeeds when a PostgreSQL server of a sufficient version is installed.
have_postgres() {
    for server in /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres /usr/local/pgsql*/bin/postgres \
        /opt/homebrew/opt/postgresql*/bin/postgres /usr/local/opt/postgresql*/bin/postgres \
        /home/linuxbrew/.linuxbrew/opt/postgresql*/bin/postgres "$(command -v postgres || true)"; do
        [ -x "$server" ] || continue
        major=$("$server" --version | sed 's/^[^)]*) *\([0-9]*\).*/\1/')
        [ "${major:-0}" -ge "$OLDEST" ] 2>/dev/null && return 0
    done
    return 1
}

have_nats() {
    [ -n "${ANNALS_NATS_SERVER:-}" ] && [ -x "$ANNALS_NATS_SERVER" ] && return 0
    PATH="$PATH:/usr/sbin:/usr/local/bin:/opt/homebrew/bin:/home/linuxbrew/.linuxbrew/bin" \
        command -v nats-server >/dev/null
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

with_apt() {
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
        fail "$1 missing, and apt-get needs root or sudo: run this script as root"
    fi
    # The packages would otherwise make a database at once and start services, also at every boot.
    quiet=/etc/postgresql-common/createcluster.d/annals.conf
    policy=/usr/sbin/policy-rc.d
    as_root mkdir -p "${quiet%/*}"
    echo "create_main_cluster = false" | as_root tee "$quiet" >/dev/null
    cleanup="as_root rm -f $quiet"
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
        cleanup="$cleanup $policy"
    fi
    trap "$cleanup" EXIT
    trap 'exit 1' HUP INT TERM
    as_root apt-get update -qq || echo "install-servers: apt-get update failed; trying with the known lists" >&2
    # shellcheck disable=SC2086 # A list of packages.
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $1 >&2 ||
        fail "apt-get could not install $1 (on Ubuntu, nats-server is in universe)"
    case " $1 " in *" nats-server "*)
        if command -v systemctl >/dev/null; then
            as_root systemctl disable --quiet nats-server 2>/dev/null || true
        fi ;;
    esac
}

with_brew() {
    formulas=$(echo "$1" | sed 's/postgresql/postgresql@17/')
    # shellcheck disable=SC2086 # A list of formulas.
    brew install --quiet $formulas >&2 || fail "brew could not install $formulas"
}

missing=""
have_postgres || missing="postgresql"
have_nats || missing="${missing:+$missing }nats-server"
[ -n "$missing" ] || exit 0

if command -v apt-get >/dev/null; then
    with_apt "$missing"
elif command -v brew >/dev/null; then
    with_brew "$missing"
else
    fail "$missing missing, and neither apt-get nor brew is here: install PostgreSQL $OLDEST+ and nats-server by hand"
fi

have_postgres || fail "PostgreSQL $OLDEST or newer is needed, and this system's packages have none"
have_nats || fail "nats-server is needed, and this system's packages have none"
