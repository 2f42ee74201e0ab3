#!/bin/sh
# What was good in the sandbox becomes an install script for this host; here it is only shown, then run in a fresh
# sandbox, where it does install.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

sandbox try hello --distro debian:bookworm --promote install.sh --quiet -- hello
sed -n '1,8p' install.sh

# the script itself is the standard input of a new throwaway Debian; -y is read as its option
{ echo 'set -- -y'; cat install.sh; echo hello; } | sandbox try --distro debian:bookworm --quiet >log
sed -n '/^+/p; /^installed/p; /^Hello/p' log

grep -q '^installed: hello' log
grep -qx 'Hello, world!' log
echo "proven: the script installs on a fresh Debian what was tried in another"
