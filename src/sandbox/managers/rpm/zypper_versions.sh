#!/bin/sh
# Prints the versions of a package, then what is known of the newest.
#
# $1: the package
# Exit status: that of the search.

zypper --non-interactive --quiet --no-refresh --xmlout search --details --match-exact --type package "$1"
status=$?
zypper --non-interactive --quiet --no-refresh info "$1" 2>/dev/null
exit $status
