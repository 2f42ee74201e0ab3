#!/bin/sh
# Prints options for apt-get that make an install faster and nothing else; writes what they name. A word is a line, and
# the last comes first.
#
# $1: a folder of ours
# $2: the text of at_once.pl
#
# Without apt-utils, debconf's hook before an install starts Perl to say that it does nothing: 0.06 s of a processor.
# apt itself would start dpkg twice to have its architectures named: 0.01 s. Needs architectures.sh.

folder=$1
exec 2>/dev/null
mkdir -p "$folder" || exit
words=
for name in $(architectures); do
  words="APT::Architectures::=$name
-o
$words"
done
printf %s "$words"
if printf '#!/usr/bin/perl\n%s\n' "$2" >"$folder/http" &&
  chmod 755 "$folder/http" &&
  ln -sf http "$folder/https" &&
  "$folder/http" check; then
  printf 'Dir::Bin::Methods::%s\n-o\n' "http=$folder/http" "https=$folder/https"
fi
hooks='DPkg::Pre-Install-Pkgs "";
DPkg::Pre-Install-Pkgs:: "/usr/sbin/dpkg-preconfigure --apt || true";'
if ! command -v apt-extracttemplates >/dev/null &&
  [ "$(apt-config dump DPkg::Pre-Install-Pkgs)" = "$hooks" ] &&
  printf '#clear DPkg::Pre-Install-Pkgs;\n' >"$folder/apt.conf"; then
  printf '%s\n-c\n' "$folder/apt.conf"
fi
