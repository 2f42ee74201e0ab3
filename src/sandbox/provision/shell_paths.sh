#!/bin/sh
# Prints the folders in which the shells of a user look for programs, one a line: of a login, of a terminal, and what
# PAM sets for each session (pam_env(8)). Each shell begins with the PATH that is given here.
# In sh and sed alone, and those shells that there are.

say="printf '\\n<%s>\\n' \"\$PATH\""
{
  sh -lc "$say"
  for shell in bash zsh; do
    if command -v "$shell" >/dev/null; then "$shell" -lc "$say"; "$shell" -ic "$say"; fi
  done
  printf '\n<%s>\n' "$(sed -n "s/^ *PATH=//p" /etc/environment | sed "s/[\"']//g")"
} </dev/null 2>/dev/null | sed -n 's/^<\(.*\)>$/\1/p'
