#!/bin/sh
# Takes packages off a host, with what only they needed, and neither what something else there needs nor what was
# unneeded before: apt's own removal would also take what needs the packages, and all that was unneeded before.
#
# $1 and on: the packages
# Environment: came, the names of what came with them, blanks between

unneeded() {
    apt-get -s -qq -o APT::AutoRemove::RecommendsImportant=false -o APT::AutoRemove::SuggestsImportant=false \
        autoremove | sed -n 's/^Remv \([^ ]*\) .*/\1/p'
}
essential=
taken() { # what would go with "$@", and a + for what would come instead
    plan=$(apt-get -s -qq ${essential:+"$essential"} remove "$@" 2>/dev/null) || return
    printf '%s\n' "$plan" | sed -n 's/^Remv \([^ ]*\) .*/\1/p; s/^Inst .*/+/p'
}
is_spare() { # whether with "$@" nothing would go but what came
    gone=$(taken "$@") || return
    for one in $gone; do case " ${came-} $asked " in *" $one "*) ;; *) return 1 ;; esac; done
}
before=" $(unneeded | tr '\n' ' ') " asked=$* rest=
held=$(apt-mark showhold "$@") || held=
if [ -n "$held" ]; then
    echo "error: apt-get takes off nothing that is held; 'apt-mark unhold NAME' ends that: $(echo "$held" | tr '\n' ' ')" >&2
    exit 1
fi
apt-mark auto "$@" >/dev/null || exit
set --
for name in $(unneeded); do case $before in *" $name "*) ;; *) set -- "$@" "$name" ;; esac; done
for name in ${came-}; do case " $* $before" in *" $name "*) ;; *) rest="$rest $name" ;; esac; done
for name in $(printf '%s' "$rest" | xargs -r apt-mark showauto 2>/dev/null); do # it keeps all of a dependency's alternatives
    if is_spare "$@" "$name"; then set -- "$@" "$name"; fi
done
[ $# -eq 0 ] || apt-get remove -y "$@" || { status=$?; printf '%s' "$asked" | xargs apt-mark manual >/dev/null; exit "$status"; }
