#!/bin/sh
# The program as the production deployment runs it, for the operator, for the mail server and in containers:
# runuser -u portal -- /opt/cert-portal/deploy/portal.sh doctor
export CERT_PORTAL_INSTANCE_DIR="${CERT_PORTAL_INSTANCE_DIR:-/var/lib/cert-portal}"
cd "$(dirname "$0")/.." && exec .venv/bin/cert-portal "$@"
