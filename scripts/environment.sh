# Sourced by the scripts beside it: where the checkout is, and virtual environments that are made once.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
test_venv=${EDGEWEB_TEST_VENV:-$root/.test-venv}

say() { printf '%s\n' "$*" >&2; }

# may_change_system: whether this is root, or sudo works without a password or can ask for it on a terminal.
may_change_system() {
  [ "$(id -u)" -eq 0 ] || { command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; }
}

# apt_get ARGUMENTS...: as root. A board that has just started may be updating itself: wait for that.
apt_get() {
  local command=(env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -qq -o DPkg::Lock::Timeout=120 "$@")
  [ "$(id -u)" -eq 0 ] || command=(sudo "${command[@]}")
  "${command[@]}"
}

# What apt writes when it fails, and the next step. The first line that matches something written counts.
apt_advice=(
  'dpkg was interrupted|run it: sudo dpkg --configure -a'
  'Could not get lock|another program is using apt: wait until it has finished'
  'enough free space|make room on the disk'
  'No space left|make room on the disk'
  'Unmet dependencies|repair the system first: sudo apt-get --fix-broken install'
  'Failed to fetch|check the network and the mirror in /etc/apt/sources.list and /etc/apt/sources.list.d'
  'Unable to locate|add the main archive of Debian to /etc/apt/sources.list'
  'no installation candidate|add the main archive of Debian to /etc/apt/sources.list'
  '^E: |look into it with the command: sudo apt-get update'
)

# explain_apt LOG: one line with what went wrong and the next step.
explain_apt() {
  local entry line
  for entry in "${apt_advice[@]}"; do
    line=$(grep -m 1 -e "${entry%%|*}" "$1" | sed 's/^[EW]: *//; s/  */ /g') || continue
    printf '%s. Next: %s; then run this again.\n' "${line%.}" "${entry#*|}"
    return
  done
  printf 'it gave no reason. Next: run "sudo apt-get update" to see what it does.\n'
}

# install_packages PACKAGE...: by apt what is missing. One line names it; a failure (status 1) is one line, too.
install_packages() {
  local package missing=() log
  for package; do
    dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if ! command -v apt-get >/dev/null; then
    say "Missing, and there is no apt-get to install it: ${missing[*]} (as Debian calls it)"
    return 1
  fi
  if ! may_change_system; then
    say "Missing: ${missing[*]}. Install it: sudo apt-get install ${missing[*]}"
    return 1
  fi
  say "Installing by apt: ${missing[*]}"
  log=$(mktemp)
  # An image may have no lists of packages yet, or old ones that name files which the mirror has replaced. An update
  # that fails for one of several sources can be enough.
  if apt_get install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1 || {
    apt_get update >"$log" 2>&1 || true
    apt_get install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1
  }; then
    rm -f "$log"
    return 0
  fi
  say "apt could not install ${missing[*]}: $(explain_apt "$log")"
  rm -f "$log"
  return 1
}

# The interpreter to build environments with: $PYTHON, else python3. Ends the script when it is too old.
find_python() {
  local python=${PYTHON:-python3}
  if ! command -v "$python" >/dev/null && ! { [ "$python" = python3 ] && install_packages python3; }; then
    say "No $python found. Install Python 3.11 or newer (on Debian: apt install python3), or set PYTHON."
    exit 1
  fi
  if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    say "$("$python" --version) is too old: edgeweb needs Python 3.11 or newer. Set PYTHON to a newer one."
    exit 1
  fi
  printf '%s\n' "$python"
}

# is_system_python PYTHON: whether it is Debian's own, which sees the modules of Debian's packages.
is_system_python() { [ "$("$1" -c 'import sys; print(sys.base_prefix)')" = /usr ]; }

# has_venv FOLDER: whether there is a virtual environment with a pip inside, whose interpreter still works.
has_venv() { [ -x "$1/bin/pip" ] && "$1/bin/python" -c '' 2>/dev/null; }

# make_venv FOLDER [OPTION...]: a virtual environment with a pip inside, unless it is there already.
make_venv() {
  local python folder=$1
  shift
  ! has_venv "$folder" || return 0
  python=$(find_python)
  # Debian ships the venv module without ensurepip, so "import venv" alone would prove nothing.
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    if ! is_system_python "$python"; then
      say "$python cannot make virtual environments: it has no ensurepip. Set PYTHON to one that has."
      exit 1
    fi
    install_packages python3-venv || exit 1
  fi
  "$python" -m venv --clear "$@" "$folder"
}

# make_venv_for_modules FOLDER: one in which what edgeweb needs can be installed without a compiler.
make_venv_for_modules() {
  local python options=()
  ! has_venv "$1" || return 0
  # The package index has no wheels of these two for 32-bit ARM, and a board has no compiler.
  case $(dpkg --print-architecture 2>/dev/null) in
    armel | armhf)
      python=$(find_python)
      if is_system_python "$python"; then
        install_packages python3-psutil python3-markupsafe
        options+=(--system-site-packages)
      fi
      ;;
  esac
  make_venv "$1" "${options[@]}"
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

# Packages of npm: what finds pages that some people cannot use, and a second checker of types. None needs another
# package. Tests that need one skip themselves, and say so, without npm.
npm_packages=(
  axe:axe-core@4.14.1:package/axe.min.js
  pyright:pyright@1.1.414:package
)

# install_npm FOLDER PACKAGE FILE: one file or folder of a package, into a folder of the environment.
install_npm() {
  (cd "$test_venv" && rm -rf "$1" && mkdir "$1" && cd "$1" && timeout 300 npm pack --silent "$2" >/dev/null &&
    tar -xzf ./*.tgz "$3" && rm ./*.tgz)
}

# The environment of scripts/test and scripts/check, ready to use.
prepare_test_venv() {
  # Where it is set, each of the thousands of servers that the tests start compiles all of edgeweb again.
  unset PYTHONDONTWRITEBYTECODE
  make_venv "$test_venv"
  once "$test_venv/.installed" "$(digest "$root/pyproject.toml")" install_for_tests
  # The installation has packed the dashboard's files; one of them may have changed since.
  "$test_venv/bin/python" "$root/scripts/pack.py" >/dev/null
  if command -v npm >/dev/null; then
    local entry folder package file
    for entry in "${npm_packages[@]}"; do
      IFS=: read -r folder package file <<<"$entry"
      once "$test_venv/.$folder" "$package" install_npm "$folder" "$package" "$file" ||
        say "$package could not be had: tests that need it are skipped"
    done
  fi
}
