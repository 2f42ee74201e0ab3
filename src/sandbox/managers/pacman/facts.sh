#!/bin/sh
# Prints what installed packages need and their licences: `N NAME`, then `D` needs, `R` recommends, `P` provides, `L`
# licence, `T` the time of its build, an epoch, `M` who packaged it.

cat /var/lib/pacman/local/*/desc | while read -r line; do
  case $line in
    %NAME%) key=N ;; %DEPENDS%) key=D ;; %OPTDEPENDS%) key=R ;; %PROVIDES%) key=P ;; %LICENSE%) key=L ;;
    %BUILDDATE%) key=T ;; %PACKAGER%) key=M ;; %*%) key= ;;
    ?*) if [ -n "$key" ]; then printf '%s %s\n' "$key" "$line"; fi ;;
  esac
done
