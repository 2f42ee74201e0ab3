#!/bin/sh
# Marks as wanted what is there only as a dependency, and prints the name of each.

say() { echo "$1"; }
automatic() {
@AUTOMATIC@
}
for name in $(automatic @NAMES@); do @MARK@ "$name" || exit; echo "$name"; done
