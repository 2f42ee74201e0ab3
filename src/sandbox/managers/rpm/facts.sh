#!/bin/sh
# Prints what installed packages need and their licences: `N NAME`, then `T` the time of its build, an epoch, `M` its
# vendor, `L` licence, `D` needs, `R` recommends, `P` provides, `F` the beginnings of others' paths for which it has a
# script (rpm 4.13 and later). A file that they need is told among what its owner
# provides, where rpm does not list it.
#
# $1 and on: names of packages

format='N %{NAME}\nT %{BUILDTIME}\nM %{VENDOR}\nL %{LICENSE}\n'
rpm -q --qf "$format"'[D %{REQUIRENAME}\n][R %{RECOMMENDNAME}\n][P %{PROVIDENAME}\n]' "$@" 2>/dev/null
rpm -q --qf 'N %{NAME}\n[F %{FILETRIGGERNAME}\n][F %{TRANSFILETRIGGERNAME}\n]' "$@" 2>/dev/null
rpm -q --qf '[%{REQUIRENAME}\n]' "$@" 2>/dev/null | grep '^/' | sort -u | head -n 200 | while read -r path; do
  rpm -q --whatprovides --qf 'N %{NAME}\n' "$path" 2>/dev/null | while read -r owner; do
    case $owner in 'N '*) printf '%s\nP %s\n' "$owner" "$path" ;; esac
  done
done
