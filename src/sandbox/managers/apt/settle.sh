#!/bin/sh
# Makes a fresh image as quick as a host that is used. Images keep their lists packed and have no index cache
# (docker-gzip-indexes, docker-clean), so that each command takes a second; a host has the first three lines by apt's own
# defaults. The others choose what is fetched faster.

cat >/etc/apt/apt.conf.d/zz-sandbox-proof <<'END'
Acquire::GzipIndexes "false";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "srcpkgcache.bin";
Acquire::Languages "none";
Acquire::CompressionTypes::Order:: "gz";
END
