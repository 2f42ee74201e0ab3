#!/bin/sh
# As an agreement: it asks at the terminal, whatever its input is, reads a password without an echo, and asks once more.
set -e
[ -t 0 ] && [ -t 1 ] || { echo "this needs a terminal" >&2; exit 9; }
printf 'Do you accept the agreement? [y/N] '
read -r agreed </dev/tty
[ "$agreed" = y ] || exit 7
printf 'Password for the agent: '
stty -echo; read -r secret; stty echo; echo
echo
echo 'Where shall it go (press Enter for /opt/labasks)?'
read -r place
mkdir -p "${place:-/opt/labasks}"
printf '%s\n' "$secret" >"${place:-/opt/labasks}/secret"
