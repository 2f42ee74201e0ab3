#!/bin/sh
# Gives a root file system what the public images are given, too (debuerreotype-minimizing-config in
# https://github.com/debuerreotype/debuerreotype), and takes off the host's own name and resolver, which mmdebstrap
# copies: they do not belong into an image.
#
# $1: its folder

set -eu
cd "$1"
rm -f etc/hostname etc/resolv.conf
printf '#!/bin/sh\nexit 101\n' >usr/sbin/policy-rc.d
chmod 755 usr/sbin/policy-rc.d
echo force-unsafe-io >etc/dpkg/dpkg.cfg.d/docker-apt-speedup
cat >etc/apt/apt.conf.d/docker-image <<'END'
Acquire::GzipIndexes "true";
Acquire::Languages "none";
Apt::AutoRemove::SuggestsImportant "false";
APT::Keep-Downloaded-Packages "false";
END
