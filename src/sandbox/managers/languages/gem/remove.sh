#!/bin/sh
# Takes gems off, then what came with them and no other gem that is left needs, in just the version that came; and the
# folders that gem made for them, where they are empty.
#
# $1 and on: names
# Environment: came, as unneeded.rb reads it, which stands between the quotes below

unneeded=$(ruby -rrubygems -e '
@UNNEEDED@
' "$@") || exit
take() { gem uninstall --executables --bindir /usr/local/bin "$@" </dev/null; }
take --all "$@" || exit
for gem in $unneeded; do take --ignore-dependencies --version "${gem#*=}" "${gem%%=*}" || exit; done
cd "$(ruby -rrubygems -e 'print Gem.dir')" || exit
rmdir extensions/*/* extensions/* build_info cache doc extensions gems plugins specifications 2>/dev/null || :
