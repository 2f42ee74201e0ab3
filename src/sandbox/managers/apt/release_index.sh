#!/bin/sh
# Puts the sources of another release in the place of a host's, and fetches their index.
#
# $0: the program that writes a host's files, $1: the release that the host prefers, or nothing; then options of
# apt-get. Standard input: as that program takes it.
# Says of each source that has no such release so `sandbox-host unreleased` and its server; any other failure is one.

release=$1
shift
sh -c "$0" sh "$release" || exit
said=$(mktemp) || exit
trap 'rm -f "$said"' EXIT
apt-get "$@" update >"$said" 2>&1
status=$?
cat "$said"
[ "$status" != 0 ] || exit 0
# a source that is trusted without a signature needs no Release: then its index is what is not there
missing="^E: The repository '[a-z]*://\\([^/ ]*\\).* does not have a Release file\\.$"
nothing="^E: Failed to fetch [a-z]*://\\([^/ ]*\\)/[^ ]*/dists/[^ ]* *404 .*"
sed -n "s,$missing,sandbox-host unreleased \\1,p; s,$nothing,sandbox-host unreleased \\1,p" "$said" | sort -u
! grep '^E: ' "$said" | grep -v -e "$missing" -e "$nothing" | grep -qv '^E: Some index files failed to download'
