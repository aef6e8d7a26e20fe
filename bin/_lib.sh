# Shared by the scripts beside it; sourced, never run. Bash 3.2 and up.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
VENV=$ROOT/.venv
PYTHON=$VENV/bin/python
STAMPS=$VENV/.stamps # one file a finished step; it holds the fingerprint of what the step was made from

# Everything said here goes to standard error: `bin/crm … > file` must hold the command's own answer only.
say() { printf '%s\n' "$*" >&2; }
# A command that fails ends the script (set -e); this says where, so that it never ends without a word.
trap 'say "Stopped: ${0##*/} failed in line $LINENO."' ERR
fail() { say "Stopped: $*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# fingerprint : a short name for what comes in on standard input (Linux has sha256sum, macOS shasum).
fingerprint() { { if have sha256sum; then sha256sum; else shasum -a 256; fi; } | cut -c1-32; }
done_before() { [ "$(cat "$STAMPS/$1" 2>/dev/null)" = "$2" ]; }
mark_done() { mkdir -p "$STAMPS" && printf '%s\n' "$2" >"$STAMPS/$1"; }

# apt PACKAGE… : installs them where that is ours to do (root on an apt system), otherwise answers no.
apt() {
  have apt-get && [ "$(id -u)" = 0 ] || return 1
  # The lists of a fresh machine are empty or old, so they come first.
  apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y -o Dpkg::Use-Pty=0 --no-install-recommends "$@" </dev/null >/dev/null
}
