#!/bin/sh
# Prints whether there is an index, as `index: yes`, and the policy of packages.
#
# $1 and on: names

for file in /var/lib/apt/lists/*Packages*; do
    [ ! -s "$file" ] || { echo 'index: yes'; break; }
done
exec apt-cache -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= policy "$@"
