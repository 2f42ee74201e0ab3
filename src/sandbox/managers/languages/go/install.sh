#!/bin/sh
# Installs programs one by one, since `go install` takes several only of one module in one version, and none over a file
# that is of something else, since it overwrites whatever is there.
#
# $1 and on: PACKAGE@VERSION
# Exit status: 1 where another file is there; else that of go install.

for wanted; do
  package=${wanted%@*}
  name=${package##*/}
  case $name in
    *[!0-9v]* | ?*v* | v | v0* | v1) ;;
    v*)
      name=${package%/*}
      name=${name##*/}
      ;;
  esac
  file=/usr/local/bin/$name
  if [ -e "$file" ] || [ -L "$file" ]; then
    path=$(unset HOME XDG_CONFIG_HOME; go version -m "$file" 2>/dev/null | sed -n 's/^[[:blank:]]path[[:blank:]]//p')
    [ "$path" = "$package" ] || { echo "go: $file exists already, and is not of $package" >&2; exit 1; }
  fi
  go install "$wanted" || exit
done
