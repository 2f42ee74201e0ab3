#!/bin/sh
# $1: the name of a command
# $2: the package that it has to be of
# $3: its version, empty for any
# Exit status: 0 where it is that.

(unset HOME XDG_CONFIG_HOME; go version -m "/usr/local/bin/$1") | {
  path=
  version=
  while read -r key value rest; do
    case $key in path) path=$value ;; mod) version=${rest%%[!a-zA-Z0-9.+-]*} ;; esac
  done
  [ "$path" = "$2" ] && [ "${3:-$version}" = "$version" ]
}
