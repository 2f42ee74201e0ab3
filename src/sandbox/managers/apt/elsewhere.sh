#!/bin/sh
# Prints what contrib, non-free and their like have of some names where they are not switched on: a `deb` line for each
# suite and part that was looked at, then apt-cache's table. Nothing of the sandbox's own lists is touched.
#
# $1 and on: names

folder=$(mktemp -d) || exit
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/lists/partial"

# apt 2.6 does not say which key an index is signed by, and refuses two lines of one repository with different keys
eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
{
  sed -n 's/^deb .*\[.*signed-by=\(\/[^] ,]*\)[^]]*\][[:space:]]*\([^[:space:]]*\).*/\2 \1/p' \
    "${list:-}" "${parts:-}"*.list 2>/dev/null
  awk -v RS= '{
    key = uris = ""
    for (n = split($0, lines, "\n"); n; n--) {
      if (lines[n] ~ /^URIs:/) uris = substr(lines[n], 6)
      if (lines[n] ~ /^Signed-By: *\//) { key = substr(lines[n], 11); sub(/^ */, "", key) }
    }
    for (n = split(uris, all, " "); n && key; n--) print all[n], key
  }' "${parts:-}"*.sources 2>/dev/null
} >"$folder/keys"

apt-get indextargets --format "\$(REPO_URI) \$(RELEASE)" 'Identifier: Packages' | sort -u |
while read -r uri release; do
  key=$(awk -v uri="${uri%/}" '{ sub(/\/+$/, "", $1) } $1 == uri { print $2; exit }' "$folder/keys")
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
