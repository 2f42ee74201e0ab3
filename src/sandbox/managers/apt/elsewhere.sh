#!/bin/sh
# Prints what contrib, non-free and their like have of some names where they are not switched on: a `deb` line for each
# suite and part that was looked at, then apt-cache's table. Nothing of the sandbox's own lists is touched.
#
# $1 and on: names

folder=$(mktemp -d) || exit
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/lists/partial"
apt-get indextargets --format "\$(REPO_URI) \$(RELEASE) \$(SIGNED_BY)" 'Identifier: Packages' | sort -u |
while read -r uri release key; do
  case $key in /*) uri="[signed-by=$key] $uri" ;; esac
  for part in contrib non-free non-free-firmware restricted universe multiverse; do
    echo "deb $uri $release $part"
  done
done >"$folder/sources.list"
cat >"$folder/apt.conf" <<END
Dir::Etc::sourcelist "$folder/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$folder/lists";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
Acquire::AllowInsecureRepositories "true";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
END
apt-get -c "$folder/apt.conf" update -qq >/dev/null 2>&1
cat "$folder/sources.list"
apt-cache -c "$folder/apt.conf" madison "$@" 2>/dev/null
exit 0
