"""The constant part of the install script; `shell` fills in what stands between two @."""

from __future__ import annotations

from typing import Final

TEMPLATE: Final = r"""#!/bin/sh
@COMMENT@# sh install.sh [--dry-run | --check | --uninstall] [-y]@PINOPTION@
set -euf
umask 022
PATH=$PATH:/usr/sbin:/sbin # su leaves them out

packages=@PACKAGES@
pinned=@PINNED@
all=@ALL@ # with what the packages' own managers need
own=@OWN@ # of the packages those of @PROGRAM@, which marks what is wanted
release=@RELEASENAMES@
folder=@FOLDER@
state=$folder/@STATE@ # what this script has brought, for --uninstall

@TEXTS@say() { printf '%s\n' "$*"; }
fail() { say "error: $*" >&2; exit 1; }

usage() {
    say "usage: sh install.sh [--dry-run | --check | --uninstall] [-y]@PINOPTION@"
    say "  --dry-run    show the commands, change nothing, need no root"
    say "  --check      let the package manager say what would change, and change nothing"
    say "  --uninstall  take off what this script has installed, and no more"
@PINUSAGE@    say "  -y           do not ask"
}

has() { # whether a package is installed, in its version where one is given
    case $1 in
@CHECKS@
    *) false ;;
    esac >/dev/null 2>&1
}

names() { # of all that is installed, be it in part
    (set +f
        @NAMES@) | LC_ALL=C sort -u
}

is_there() { has "$1" || names | grep -qxF -e "$1"; }

only_in() { # what the second list of names has and the first has not, as words
    printf '%s\n' "$1" "$1" "$2" | LC_ALL=C sort | uniq -u | sed '/^$/d' | tr '\n' ' '
}

find_missing() {
    missing=
    for package in $wanted; do has "$package" || missing="$missing $package"; done
}

automatic() { # which of these packages are here only as a dependency, so that a clean-up would take them off
    [ $# -eq 0 ] || {
        @AUTOMATIC@
    } 2>/dev/null || true
}

find_unmarked() {
    set --
    for name in $own; do if is_there "$name"; then set -- "$@" "$name"; fi; done
    unmarked=$(automatic "$@" | while read -r name; do printf ' %s' "$name"; done)
}

host_fits() { # @FAMILY@ or a relative, in the release of the versions where those matter
    os_release=/etc/os-release
    [ -r "$os_release" ] || os_release=/usr/lib/os-release
    value() { sed -n "s/^$1=//p" "$os_release" 2>/dev/null | tr -d "\"'" | tr '\n' ' '; }
    host="$(value ID)$(value ID_LIKE)"
    host=${host% }
    case " $host " in
        @IDS@) ;;
        *) fail "this script is for @FAMILY@ and its relatives, and this host is ${host:-of an unknown kind}" ;;
    esac
    command -v @PROGRAM@ >/dev/null || fail "@PROGRAM@ is not on this host"
    case $action-$wanted in uninstall-*) return 0 ;; *=*) ;; *) return 0 ;; esac
    here="$(value VERSION_CODENAME)$(value '[A-Z]*_CODENAME')$(value VERSION_ID)"
    [ -n "$here" ] || return 0
    here="$here$(value PRETTY_NAME | tr '/()' '   ')"
    for known in $release; do
        case " $here " in *" $known "* | *" $known."*) return 0 ;; esac
    done
    name=$(value PRETTY_NAME)
    fail "these versions are @RELEASE@'s, and this host is ${name:-$here}"
}

find_root() {
    root=
@ROOT@}

run() { # a command@ASROOT@, or only show it
    say "+ ${root:+$root }$*"
    if [ "$dry_run" = yes ]; then return 0; fi
    if [ -t 0 ]; then $root "$@"; else $root "$@" </dev/null; fi # it must not read a script that came by a pipe
}

confirm() { # the question $1, behind what $2 shows
    if [ "$dry_run" = yes ] || [ "$ask" = no ]; then return 0; fi
    [ -t 0 ] || fail "there is no terminal to ask at: run this with -y, or with --dry-run to see what it does"
    "$2" || true # a manager that tells only root
    printf '%s [y/N] ' "$1"
    read -r answer || answer=
    case $answer in [yY] | [yY][eE][sS]) ;; *) fail "nothing was changed" ;; esac
}

noted() { grep -qsxF "$1" "$state"; }

note() { # the lines of the state, as `asked NAME`, `came NAME`, `went NAME` and `marked NAME`; without any it goes
    [ "$dry_run" = no ] || return 0
    if [ -n "$1" ]; then
        $root mkdir -p "$folder"
        printf '%s\n' "$1" | $root tee "$state" >/dev/null
    else
        $root rm -f "$state"
        $root rmdir "$folder" 2>/dev/null || true # others may have noted something, too
    fi
}

lines() { # of the state: those of before, and what is new
    old=
    [ ! -r "$state" ] || old=$(cat "$state")
    { [ -z "$old" ] || printf '%s\n' "$old"
      for name in $1; do printf 'asked %s\n' "$name"; done
      for name in $2; do printf 'came %s\n' "$name"; done
      for name in $3; do printf 'went %s\n' "$name"; done
      for name in $4; do printf 'marked %s\n' "$name"; done; } | LC_ALL=C sort -u
}

refresh() {
    run @REFRESH@ ||
        say "warning: the package index could not be refreshed; going on with the one that is here" >&2
}

install_all() {
@ACCEPT@@UPGRADE@    if [ "$pin" = yes ]; then
@INSTALLPINNED@
    else
@INSTALL@
    fi
}

remove_all() {
@REMOVE@
}

mark_all() { # what is here only as a dependency, as wanted
    [ -n "$unmarked" ] || return 0
    set --
    for name in $unmarked; do set -- "$@" "$name"; done
    run @MARK@ "$@" || fail "not marked as wanted:$unmarked"
    [ "$dry_run" = no ] || return 0
    note "$(lines '' '' '' "$unmarked")"
    say "marked as wanted:$unmarked"
}

unmark_all() { # what this script has marked, and nothing else did before
    [ -n "$marked" ] || return 0
    set --
    for name in $marked; do set -- "$@" "$name"; done
    run @UNMARK@ "$@" || fail "these still count as wanted:$marked"
    [ "$dry_run" = yes ] || say "a dependency again, as before:$marked"
}

install() {
    find_missing
    find_unmarked
    if [ -z "$missing$unmarked" ]; then
        say "all is installed already: $wanted"
        return 0
    fi
    [ -z "$unmarked" ] || say "here only as a dependency, to be marked as wanted:$unmarked"
    if [ -z "$missing" ]; then
        confirm "Mark$unmarked as wanted?" :
        find_root
        mark_all
        return 0
    fi
    new=
    for name in $all; do
        if noted "asked $name" || ! has "$name"; then new="$new $name"; fi
    done
@UPGRADENOTE@    confirm "Install$missing?" rehearse
    find_root
    refresh
    if [ "$dry_run" = yes ]; then install_all; mark_all; return 0; fi
    before=$(names)
    note "$(lines "$new" '' '' '')"
    trap : HUP INT TERM # they end the manager, and what it did until then is noted
    status=0
    install_all || status=$?
    after=$(names)
    came=$(only_in "$before" "$after")
    went=$(only_in "$after" "$before")
    [ -z "$went" ] || say "warning: the install took off $went" >&2
    if [ "$status" -ne 0 ]; then
        note "$(lines '' "$came" "$went" '' | while read -r kind name; do
            if [ "$kind" != asked ] || is_there "$name"; then say "$kind $name"; fi
        done)"
        unfinished "the install failed with status $status"
        exit "$status"
    fi
    note "$(lines "$new" "$came" "$went" '')"
    trap - HUP INT TERM
    find_missing
    if [ -n "$missing" ]; then unfinished "still not installed:$missing"; exit 1; fi
    mark_all
    say "installed: $wanted"
}

unfinished() { # the reason $1, and what to do now
    say "error: $1; installed so far: ${came:-nothing}" >&2
    say "run it again to carry on${came:+, or with --uninstall to take back what came}" >&2
}

check() {
    find_missing
    find_unmarked
    say "to install:${missing:- nothing, all is here already}"
    [ -z "$unmarked" ] || say "to mark as wanted:$unmarked (here only as a dependency)"
    [ -n "$missing" ] || return 0
@UPGRADENOTE@    rehearse
}

rehearse() { # let the manager say what it would do
    if [ "$pin" = yes ]; then
@CHECKPINNED@
    else
@CHECK@
    fi
}

uninstall() {
    [ -f "$state" ] || { say "nothing to take off: this script has installed nothing on this host"; return 0; }
    ours=
    for name in $all; do
        if noted "asked $name" && is_there "$name"; then ours="$ours $name"; fi
    done
    marked=
    for name in $own; do
        if noted "marked $name" && is_there "$name"; then marked="$marked $name"; fi
    done
    if [ -n "$ours$marked" ]; then
        confirm "Take ${ours:+off$ours}${marked:+${ours:+, and }back the mark of$marked}?" :
        find_root
        before=$(names)
        remove_all || fail "the removal failed with status $?; run it again to carry on"
        unmark_all
        [ "$dry_run" = no ] || return 0
        after=$(names)
        gone=$(only_in "$after" "$before")
        say "taken off: ${gone:-nothing}"
        for name in $gone; do
            noted "came $name" || say "warning: $name went too, and had come another way" >&2
        done
        for name in $after; do
            if noted "came $name"; then say "stays: $name, since something else here needs it"; fi
        done
        for name in $(only_in "$after" "$(sed -n 's/^went //p' "$state")"); do
            say "warning: $name, which the install took off, is not brought back" >&2
        done
    else
        say "nothing of it is installed any more"
        find_root
    fi
    note ''
}

main() {
    action=install dry_run=no ask=yes pin=no
    for option in "$@"; do
        case $option in
            --dry-run) dry_run=yes ;;
            --check) action=check ;;
            --uninstall) action=uninstall ;;
@PINCASE@            -y | --yes) ask=no ;;
            -h | --help) usage; exit 0 ;;
            *) say "error: no such option: $option" >&2; usage >&2; exit 2 ;;
        esac
    done
    if [ "$pin" = yes ]; then wanted=$pinned; else wanted=$packages; fi
    host_fits
    @ACTION@
}

main "$@"
"""

ROOT: Final = r"""    # not at all, by sudo, or by doas
    [ "$(id -u)" -ne 0 ] || return 0
    for root in sudo doas; do
        command -v "$root" >/dev/null || continue
        if [ "$dry_run" = yes ] || "$root" true </dev/null; then return 0; fi
    done
    root=sudo
    [ "$dry_run" = yes ] || fail "this needs root, and there is neither sudo nor doas that gives it: run it as root"
"""

PIN_USAGE: Final = """    say "  --pin        install exactly the versions that were tried"
"""
PIN_CASE: Final = """            --pin) pin=yes ;;
"""
