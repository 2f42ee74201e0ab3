#!/bin/sh
# As `make install` of a source tree: it builds in its own folder and copies to /usr/local.
set -e
mkdir -p build
cat parts/head parts/body >build/labbuilt
install -D -m 755 build/labbuilt "${PREFIX:-/usr/local}/bin/labbuilt"
install -D -m 644 parts/labbuilt.1 "${PREFIX:-/usr/local}/share/man/man1/labbuilt.1"
