# Sourced by the scripts beside it: where the checkout is, and virtual environments that are made once.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
test_venv=${EDGEWEB_TEST_VENV:-$root/.test-venv}

say() { printf '%s\n' "$*" >&2; }

# The interpreter to build environments with: $PYTHON, else python3. Ends the script when it is too old.
find_python() {
  local python=${PYTHON:-python3}
  if ! command -v "$python" >/dev/null; then
    say "No $python found. Install Python 3.11 or newer (on Debian: apt install python3), or set PYTHON."
    exit 1
  fi
  if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    say "$("$python" --version) is too old: edgeweb needs Python 3.11 or newer. Set PYTHON to a newer one."
    exit 1
  fi
  printf '%s\n' "$python"
}

# make_venv FOLDER: a virtual environment with a pip inside, unless it is there already.
make_venv() {
  local python
  [ -x "$1/bin/pip" ] && "$1/bin/python" -c '' 2>/dev/null && return
  python=$(find_python)
  # Debian ships the venv module without ensurepip, so "import venv" alone would prove nothing.
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    say "$python cannot make virtual environments: install the Debian package python3-venv"
    say "    sudo apt install python3-venv"
    exit 1
  fi
  "$python" -m venv --clear "$1"
}

# once STAMP KEY COMMAND...: runs COMMAND unless it succeeded before with the same KEY.
once() {
  local stamp=$1 key=$2
  shift 2
  [ "$(cat "$stamp" 2>/dev/null)" = "$key" ] && return
  rm -f "$stamp"
  # "set -e" does not hold inside a condition, where this may stand.
  "$@" || return 1
  printf '%s\n' "$key" >"$stamp"
}

# digest FILE...: one name for the content of these files, whatever their dates say.
digest() { cat "$@" | sha256sum | cut -c1-64; }

install_for_tests() {
  say "Installing what the tests need into $test_venv (once; a minute or so)"
  # Dependency groups need pip 25.1, newer than the one that Python 3.11 and 3.12 bring along.
  "$test_venv/bin/pip" install --quiet --upgrade "pip>=25.1" &&
    (cd "$root" && "$test_venv/bin/pip" install --quiet --group dev --editable .)
}

# What finds pages that some people cannot use; tests that need it skip themselves, and say so, without npm.
axe=axe-core@4.14.1
install_axe() {
  (cd "$test_venv" && rm -rf axe && mkdir axe && cd axe && npm pack --silent "$axe" >/dev/null &&
    tar -xzf axe-core-*.tgz package/axe.min.js)
}

# The environment of scripts/test and scripts/check, ready to use.
prepare_test_venv() {
  make_venv "$test_venv"
  once "$test_venv/.installed" "$(digest "$root/pyproject.toml")" install_for_tests
  if command -v npm >/dev/null; then
    once "$test_venv/.axe" "$axe" install_axe || say "$axe could not be had: tests that need it are skipped"
  fi
}
