#!/usr/bin/env bash
# Prepares a Debian 12 machine for production, once, as root: users, folders, secrets, keys, settings and units.
# Nothing that exists is overwritten, so it may run again. Usage: deploy/production.sh portal.example report@portal.example
set -eu
cd "$(dirname "$0")/.."
host=${1:?the public host name, such as portal.example}
report=${2:?the address that takes reports, such as report@portal.example}
advisories=${3:-advisories@${report#*@}}
secrets=/etc/cert-portal
state=/var/lib/cert-portal
press=/var/lib/cert-portal-press
published=/var/lib/cert-portal-published
phrase_owner=${PHRASE_OWNER:-root} # systemd hands the pass-phrase on; in containers the publisher reads it itself

say() { printf '%s\n' "-> $*"; }

users() {
  getent group portal >/dev/null || groupadd --system portal
  id portal >/dev/null 2>&1 || useradd --system --gid portal --home-dir $state --shell /usr/sbin/nologin portal
  id portal-press >/dev/null 2>&1 || useradd --system --gid portal --home-dir $press --shell /usr/sbin/nologin portal-press
}

folders() {
  install -d -o root -g portal -m 0750 $secrets
  install -d -o portal -g portal -m 0750 $state $state/gnupg
  install -d -o portal -g portal -m 0700 $state/gnupg/desk $state/gnupg/publication
  install -d -o portal-press -g portal -m 0700 $press $press/gnupg
  install -d -o portal-press -g portal -m 0755 $published
}

secret() { # name, owner, group, mode
  [ -e "$secrets/$1" ] || (umask 077 && openssl rand -base64 48 | tr -d '\n' >"$secrets/$1")
  chown "$2:$3" "$secrets/$1"
  chmod "$4" "$secrets/$1"
}

# A key that signs and opens, in the key ring of one user; three years. Its pass-phrase comes from a file or is none.
make_key() { # user, folder, name and address, pass-phrase file or ""
  local phrase=${4:-/dev/null}
  [ -z "$(fingerprint "$1" "$2")" ] || return 0
  runuser -u "$1" -- gpg --homedir "$2" --batch --quiet --no-tty --pinentry-mode loopback --passphrase-fd 0 \
    --quick-generate-key "$3" future-default default 3y <"$phrase"
  runuser -u "$1" -- gpgconf --homedir "$2" --kill all
}

fingerprint() { # user, folder
  runuser -u "$1" -- gpg --homedir "$2" --batch --quiet --no-tty --with-colons --list-keys 2>/dev/null </dev/null |
    awk -F: '$1 == "fpr" {print $10; exit}'
}

keys() {
  say "keys"
  make_key portal $state/gnupg/desk "Incident desk <$report>" ""
  if [ ! -e $press/gnupg/gpg-agent.conf ]; then # keeps no pass-phrase; a random one need not be stretched
    printf 'default-cache-ttl 0\nmax-cache-ttl 0\ns2k-count 65536\n' >$press/gnupg/gpg-agent.conf
    chown portal-press:portal $press/gnupg/gpg-agent.conf
  fi
  make_key portal-press $press/gnupg "Publications <$advisories>" $secrets/publication.passphrase
  runuser -u portal-press -- gpg --homedir $press/gnupg --batch --no-tty --export </dev/null |
    runuser -u portal -- gpg --homedir $state/gnupg/publication --batch --quiet --no-tty --import
}

database() { # password
  if ! id postgres >/dev/null 2>&1 || ! command -v psql >/dev/null; then
    say "no PostgreSQL here: name the database in $state/settings.toml (database_url)"
    return
  fi
  say "database: portal"
  (cd / && printf "CREATE ROLE portal LOGIN PASSWORD '%s';\nCREATE DATABASE portal OWNER portal ENCODING 'UTF8' TEMPLATE template0;\n" "$1" |
    runuser -u postgres -- psql -q -v ON_ERROR_STOP=1)
}

settings() {
  [ ! -e $state/settings.toml ] || return 0
  say "settings: $state/settings.toml"
  local password
  password=$(openssl rand -hex 24)
  database "$password"
  sed -e "s|@PASSWORD@|$password|" -e "s|@HOST@|$host|; s|@REPORT@|$report|; s|@ADVISORIES@|$advisories|" \
    -e "s|@DESK@|$(fingerprint portal $state/gnupg/desk)|" \
    -e "s|@PUBLICATION@|$(fingerprint portal-press $press/gnupg)|" deploy/settings.toml >$state/settings.toml
  chown root:portal $state/settings.toml
  chmod 0640 $state/settings.toml
}

units() {
  [ -d /run/systemd/system ] || { say "no systemd here: start the processes yourself, see docs/operators.md"; return; }
  install -m 0644 deploy/systemd/*.service deploy/systemd/*.timer deploy/systemd/*.target /etc/systemd/system/
  systemctl daemon-reload
  say "ready: systemctl enable --now cert-portal.target"
}

users
folders
for each in secret_key audit_key blob_key; do secret $each root portal 0640; done
secret publication.passphrase $phrase_owner root 0600
keys
settings
units
