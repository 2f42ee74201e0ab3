#!/bin/sh
# The install script that is promoted, of which shell.py makes the one of a sandbox.
#
# What stands between two @ is filled in by values as the shell reads them: in a line, as words; alone at its beginning,
# as lines of their own, or none. The lines from `# if` to `# end` stand only in a script that has such a thing.
# Exit status: 0 done; 1 where it can't or may not; 2 for a wrong option.

@COMMENT@
# sh $0 [--dry-run | --check | --uninstall | --purge [--delete-data]] [-y]@PINOPTION@
set -euf
umask 022
PATH=$PATH:/usr/sbin:/sbin # su leaves them out

packages=@PACKAGES@
pinned=@PINNED@
all=@ALL@ # with what the packages' own managers need
own=@OWN@ # of these what @PROGRAM@ installs, which marks what is wanted
release=@RELEASENAMES@
folder=@FOLDER@
state=$folder/@STATE@ # what this script has brought, for --uninstall

@TEXTS@
# if SETTINGS
settings=$state.settings # what of them this script has written, as `file`, `lines`, `made` PATH and `service NAME`
services=@SERVICES@
steps=@STEPS@ # what commands set, each a function step_1 and so on
newline='
'

@CONTENTS@
@STEPTEXTS@
place() { # of a file: what is below root's home is the user's own
    case $1 in /root/*) printf '%s\n' "$HOME/${1#/root/}" ;; *) printf '%s\n' "$1" ;; esac
}

each_setting() { # a function with the number, the kind and the path of each
@ROWS@
}

lacking() { # the lines of a setting that a file has not
    "setting_$1" | while IFS= read -r line; do
        grep -qsxF -e "$line" "$2" || printf '%s\n' "$line"
    done
}

stands() { # whether a setting is on this host
    [ -f "$3" ] || return 1
    if [ "$2" = lines ]; then [ -z "$(lacking "$1" "$3")" ]; else [ "$("setting_$1" | cksum)" = "$(cksum <"$3")" ]; fi
}

look_at() {
    if stands "$@"; then return 0; fi
    if [ "$2" = file ] && [ -e "$3" ]; then fail "$3 is there already, and differs: nothing was changed"; fi
    unset="$unset $3"
}

note_setting() { printf '%s\n' "$1" | { $root tee -a "$settings" >/dev/null; }; }

write_one() {
    if stands "$@"; then return 0; fi
    say "+ ${root:+$root }tee $3"
    [ "$dry_run" = no ] || return 0
    $root mkdir -p "$folder" "${3%/*}"
    if [ "$2" = lines ]; then
        [ -e "$3" ] || note_setting "made $3"
        lacking "$1" "$3" | { $root tee -a "$3" >/dev/null; }
    else
        "setting_$1" | { $root tee "$3" >/dev/null; } && $root chmod 644 "$3"
    fi
    note_setting "$2 $3"
}

take_one() { # what this script has written and nobody has changed since
    grep -qsxF "$2 $3" "$settings" || return 0
    if ! stands "$@"; then say "stays: $3, since it was changed meanwhile"; return 0; fi
    say "+ ${root:+$root }rm $3${2#file}"
    [ "$dry_run" = no ] || return 0
    if [ "$2" = file ]; then $root rm -f "$3"; return 0; fi
    rest=$("setting_$1" | grep -vxF -f - "$3") || rest=
    if [ -z "$rest" ] && grep -qxF "made $3" "$settings"; then $root rm -f "$3"; return 0; fi
    printf '%s' "$rest${rest:+$newline}" | { $root tee "$3" >/dev/null; }
}

at_boot() { # whether a service is to start there: enable or disable, and its name; by what this host has for it
    if command -v systemctl >/dev/null; then run systemctl "$1" "$2"
    elif command -v rc-update >/dev/null && [ "$1" = enable ]; then run rc-update add "${2%.service}" default
    elif command -v rc-update >/dev/null; then run rc-update del "${2%.service}" default
    elif command -v update-rc.d >/dev/null; then run update-rc.d "${2%.service}" "$1"
    elif [ -d /etc/runit ] && [ "$1" = enable ]; then run ln -sf "/etc/sv/$2" /etc/runit/runsvdir/default/
    elif [ -d /etc/runit ]; then run rm -f "/etc/runit/runsvdir/default/$2"
    else false; fi || { say "warning: this host did not $1 $2" >&2; return 1; }
}

stands_step() { "step_$1" check >/dev/null 2>&1; }

take_steps() { # those that do not stand, before the packages (early) or behind them (late)
    for number in $steps; do
        if [ "$("step_$number" moment)" != "$1" ] || stands_step "$number"; then continue; fi
        if ! "step_$number" ready >/dev/null 2>&1; then
            say "not set: $("step_$number" name): its package is here, and has asked; dpkg-reconfigure asks again"
            continue
        fi
        find_root
        if "step_$number" take && [ "$dry_run" = no ]; then
            $root mkdir -p "$folder"
            note_setting "step $("step_$number" name)"
        elif [ "$dry_run" = no ]; then
            say "warning: this host did not take: $("step_$number" name)" >&2
        fi
    done
}

undo_steps() { # what this script has set, before the packages go that they are of
    for number in $steps; do
        name=$("step_$number" name)
        if ! grep -qsxF "step $name" "$settings"; then continue; fi
        if stands_step "$number"; then "step_$number" undo || say "warning: not taken back: $name" >&2; fi
    done
}

starts() { command -v systemctl >/dev/null && systemctl is-enabled -q "$1" 2>/dev/null; }

with_settings() { # what was asked for, with the settings before it and the services behind it
    unset=
    case $action in
    install)
        each_setting look_at
        if [ -n "$unset" ]; then
            find_missing
            confirm "Write$unset${missing:+, and install$missing}?" :
            ask=no
            find_root
            each_setting write_one
        fi
        take_steps early
        install
        take_steps late
        for service in $services; do
            if starts "$service"; then continue; fi
            find_root
            if at_boot enable "$service" && [ "$dry_run" = no ]; then
                $root mkdir -p "$folder"
                note_setting "service $service"
            fi
        done
        ;;
    uninstall)
        if [ -r "$settings" ]; then
            find_root
            for service in $services; do
                if grep -qxF "service $service" "$settings"; then at_boot disable "$service" || true; fi
            done
        fi
        uninstall
        if [ -r "$settings" ]; then
            undo_steps
            each_setting take_one
            if [ "$dry_run" = no ]; then
                $root rm -f "$settings"
                $root rmdir "$folder" 2>/dev/null || true
            fi
        fi
        ;;
    *)
        each_setting look_at
        say "to write:${unset:- nothing}"
        for number in $steps; do if ! stands_step "$number"; then say "to set: $("step_$number" name)"; fi; done
        "$action"
        ;;
    esac
}

# end
say() { printf '%s\n' "$*"; }
fail() { say "error: $*" >&2; exit 1; }

usage() {
    case ${0##*/} in sh | dash | bash | ash | busybox) self=FILE ;; *) self=$0 ;; esac # by a pipe it has no name
    say "usage: sh $self [--dry-run | --check | --uninstall | --purge [--delete-data]] [-y]@PINOPTION@"
    say "  --dry-run    show the commands, change nothing, need no root"
    say "  --check      let the package manager say what would change, and change nothing"
    say "  --uninstall  take off what this script has installed, and no more; settings and data stay"
    say "  --purge      the same, and purge the settings of what it has installed; data stays"
    say "  --delete-data  with --purge: delete the data, too"
# if PINNED
    say "  --pin        install exactly the versions that were tried"
# end
    say "  -y           do not ask"
}

has() { # whether a package is installed, in its version where one is given
    case $1 in
@CHECKS@) ;;
    *) false ;;
    esac >/dev/null 2>&1
}

names() { # of all that is installed, be it in part
    (set +f
        @NAMES@) | LC_ALL=C sort -u
}

is_there() { has "$1" || names | grep -qxF -e "$1"; }

fresh() { # the lines that the second list has and the first has not
    printf '%s\n' "$1" "$1" "$2" | LC_ALL=C sort | uniq -u | sed '/^$/d'
}

only_in() { fresh "$1" "$2" | tr '\n' ' '; } # the same, as words

facts() { # what an install may bring beside packages: folders, users and groups, a line each
    (set +f
        for path in /etc/* /var/*/* /srv/* /opt/* /home/*; do
            case $path in "$folder" | /var/run/* | /var/lock/* | /var/tmp/*) continue ;; esac
            if [ -d "$path" ] && [ ! -h "$path" ]; then say "folder $path"; fi
        done)
    sed 's/:.*//; s/^/user /' /etc/passwd
    sed 's/:.*//; s/^/group /' /etc/group
}

find_missing() {
    missing=
    for package in $wanted; do has "$package" || missing="$missing $package"; done
}
# if ARCHITECTURES

architectures=@ARCHITECTURES@ # other than the host's own

find_new() { # the architectures that dpkg does not know yet
    known=" $(dpkg --print-architecture) $(dpkg --print-foreign-architectures | tr '\n' ' ')"
    added=
    for name in $architectures; do case $known in *" $name "*) ;; *) added="$added $name" ;; esac; done
}

add_architectures() {
    find_new
    for name in $added; do
        run dpkg --add-architecture "$name"
        note "$(lines "arch $name")"
    done
}

drop_architectures() { # those that this script has added, as far as nothing else here is of them
    sed -n 's/^arch //p' "$state" | while read -r name; do
        run dpkg --remove-architecture "$name" 2>/dev/null || say "stays: the architecture $name, as something is of it"
    done
}
# end
# if FILES

each_file() { # a function with each file's SHA-256, its place while it is installed, its path or address, and its name
@FILEROWS@
}

sum_of() { sha256sum <"$1" | sed 's/ .*//'; }

find_file() { # the file with that checksum: beside this script, here, or where it was when it was tried
    found='' other=''
    for path in "${SANDBOX_FILES:-.}/$4" "${0%/*}/$4" "$3"; do
        [ -f "$path" ] || continue
        if [ "$(sum_of "$path")" = "$1" ]; then found=$path; return 0; fi
        other=$path
    done
}

check_file() {
    find_file "$@"
    case $found$3 in "$3") ;; *) return 0 ;; esac
    case $3 in https://*) return 0 ;; esac
    [ -n "$other" ] || fail "$3 is not here; put it beside this script"
    fail "$other is another file than the one that was tried: its SHA-256 is $(sum_of "$other"), not $1"
}

fetch_file() {
    if command -v curl >/dev/null; then
        run curl -fsSL --proto =https --proto-redir =https --max-filesize 2000000000 -o "$2" "$1"
    else
        run wget -q --https-only -O "$2" "$1"
    fi
}

place_file() { # a copy that only root can change, of which the checksum is taken again
    find_file "$@"
    run mkdir -p "${2%/*}"
    if [ -n "$found" ]; then
        run cp "$found" "$2" || fail "$found can't be copied"
    else
        fetch_file "$3" "$2" || fail "$3 can't be downloaded; put it beside this script, as $4"
    fi
    [ "$dry_run" = no ] || return 0
    got=$($root sha256sum "$2" | sed 's/ .*//')
    if [ "$got" != "$1" ]; then
        $root rm -f "$2"
        fail "$3 is another file than the one that was tried: its SHA-256 is $got, not $1"
    fi
    run chmod 644 "$2"
}

drop_file() {
    $root rm -f "$2"
    $root rmdir "${2%/*}" "${2%/*/*}" 2>/dev/null || true
}
# end
# if BLOCKED

blocked() { # which of these packages are here for another architecture, so that an install adds nothing
    @BLOCKED@
}
# end

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
        *@IDS@*) ;;
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
# if ROOT
    # not at all, by sudo, or by doas
    [ "$(id -u)" -ne 0 ] || return 0
    for root in sudo doas; do
        command -v "$root" >/dev/null || continue
        if [ "$dry_run" = yes ] || "$root" true </dev/null; then return 0; fi
    done
    root=sudo
    [ "$dry_run" = yes ] || fail "this needs root, and there is neither sudo nor doas that gives it: run it as root"
# end
}

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
    case $answer in [yY] | [yY][eE][sS]) ;; *) fail "$refusal" ;; esac
}

noted() { grep -qsxF "$1" "$state"; }

note() { # the lines of the state, a word and a name or path each; without any it goes
    [ "$dry_run" = no ] || return 0
    if [ -n "$1" ]; then
        $root mkdir -p "$folder"
        printf '%s\n' "$1" | $root tee "$state" >/dev/null
    else
        $root rm -f "$state"
        $root rmdir "$folder" 2>/dev/null || true # others may have noted something, too
    fi
}

lines() { # of the state: those of before, and the new ones
    old=
    [ ! -r "$state" ] || old=$(cat "$state")
    printf '%s\n' "$old" "$@" | sed '/^$/d' | LC_ALL=C sort -u
}

each() { for name in $2; do printf '%s %s\n' "$1" "$name"; done; } # lines of one kind

brought() { # the lines of what has come and gone
    each came "$came"
    each went "$went"
    fresh "$old_facts" "$(facts | LC_ALL=C sort -u)"
    for name in $came; do # whose settings were here before
        if printf '%s\n' "$old_leftovers" | grep -qxF "$name" && ! noted "left $name"; then each had "$name"; fi
    done
}

refresh() {
    run @REFRESH@ ||
        say "warning: the package index could not be refreshed; going on with the one that is here" >&2
}

install_all() {
@BEFOREINSTALL@
@ACCEPT@
@UPGRADE@
    if [ "$pin" = yes ]; then
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
    note "$(lines "$(each marked "$unmarked")")"
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
# if BLOCKED
    set --
    for name in $missing; do set -- "$@" "$name"; done
    foreign=$(blocked "$@" | while read -r name; do printf ' %s' "$name"; done)
    [ -z "$foreign" ] || fail "nothing would be added, as these are here for another architecture:$foreign"
# end
    new=
    for name in $all; do
        if noted "asked $name" || ! has "$name"; then new="$new $name"; fi
    done
# if FILES
    each_file check_file
# end
@UPGRADENOTE@
    confirm "Install$missing?" rehearse
    find_root
# if FILES
    each_file place_file
# end
# if ARCHITECTURES
    add_architectures
# end
    refresh
    if [ "$dry_run" = yes ]; then install_all; mark_all; return 0; fi
    before=$(names) old_facts=$(facts | LC_ALL=C sort -u) old_leftovers=$(leftovers)
    note "$(lines "$(each asked "$new")")"
    trap : HUP INT TERM # they end the manager, and what it did until then is noted
    status=0
    install_all || status=$?
# if FILES
    each_file drop_file
# end
    after=$(names)
    came=$(only_in "$before" "$after")
    went=$(only_in "$after" "$before")
    [ -z "$went" ] || say "warning: the install took off $went" >&2
    if [ "$status" -ne 0 ]; then
        note "$(lines "$(brought)" | while read -r kind name; do
            if [ "$kind" != asked ] || is_there "$name"; then say "$kind $name"; fi
        done)"
        unfinished "the install failed with status $status"
        exit "$status"
    fi
    note "$(lines "$(each asked "$new")" "$(brought)")"
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
@UPGRADENOTE@
    rehearse
}

rehearse() { # let the manager say what it would do
# if ARCHITECTURES
    find_new
    if [ -n "$added" ]; then
        say "dpkg --add-architecture:$added; what comes of it is known once its index is fetched"
        return 0
    fi
# end
    if [ "$pin" = yes ]; then
@CHECKPINNED@
    else
@CHECK@
    fi
}

uninstall() {
    [ -f "$state" ] || { say "nothing to take off: this script has installed nothing on this host"; return 0; }
    ours='' marked='' old_saved=''
    for name in $all; do
        if noted "asked $name" && is_there "$name"; then ours="$ours $name"; fi
    done
    for name in $own; do
        if noted "marked $name" && is_there "$name"; then marked="$marked $name"; fi
    done
    if [ -n "$ours$marked" ]; then
        confirm "Take ${ours:+off$ours}${marked:+${ours:+, and }back the mark of$marked}?" :
    fi
    find_root
# if SETTINGS
    undo_steps
# end
    files=$(files_of)
    if [ -n "$ours$marked" ]; then
        before=$(names)
        data=$(data_folders false)
        old_saved=$(saved_settings)
        enabled=$(links)
        remove_all || fail "the removal failed with status $?; run it again to carry on"
        unmark_all
        if [ "$dry_run" = yes ]; then tell_data "$data"; return 0; fi
        clean_links
        tell_removal
    else
        say "nothing of it is installed any more"
    fi
    left=$(left_settings)
    in_use=$(users_of_data)
    data=$(data_folders has_owner)
    saved=$(fresh "$old_saved" "$(saved_settings)")
    tell_rest
# if ARCHITECTURES
    drop_architectures
# end
    note "$(rest)"
    if [ "$purge" = yes ]; then purge_settings; note "$(rest)"; fi
}

tell_removal() { # what went and what did not, and data that went with it
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
    printf '%s\n' "$data" | while IFS= read -r path; do
        if [ -n "$path" ] && [ ! -e "$path" ]; then say "warning: its own scripts have deleted $path" >&2; fi
    done
}

tell_rest() {
    if [ "$purge" = no ]; then
        [ -z "$left" ] || say "stays: the settings of$left; --purge takes them off"
        printf '%s\n' "$saved" | while IFS= read -r path; do
            [ -z "$path" ] || say "stays: $path, settings that were changed; --purge takes it off"
        done
    fi
    tell_data "$data"
    sed -n 's/^user //p' "$state" | while read -r name; do
        if facts | grep -qxF "user $name"; then say "stays: the user $name; '@DELUSER@ $name' would delete it"; fi
    done
    sed -n 's/^group //p' "$state" | while read -r name; do
        if ! noted "user $name" && facts | grep -qxF "group $name"; then
            say "stays: the group $name; '@DELGROUP@ $name' would delete it"
        fi
    done
}

tell_data() { # the folders $1, with their sizes
    printf '%s\n' "$1" | while IFS= read -r path; do
        [ -n "$path" ] || continue
        size=$($root du -sh "$path" 2>/dev/null | sed 's/[[:space:]].*//') || size=
        say "stays: $path (${size:-of unknown size}), data that is in no package"
    done
}

purge_settings() { # of what has gone; a script that might delete data is run only with --delete-data
    purged='' kept='' doomed=''
    if [ "$delete" = yes ] && [ -n "$in_use" ]; then
        say "stays: all data, since these are here and may use it:$in_use"
        delete=no
    fi
    for name in $left; do
        if [ -n "$data" ] && [ "$delete" = no ] && has_script "$name"; then
            kept="$kept $name"
        else
            purged="$purged $name"
        fi
    done
    [ "$delete" = no ] || doomed=$(printf '%s\n' "$data" | while IFS= read -r path; do
        if noted "folder $path"; then say "$path"; fi
    done)
    if [ -n "$purged$saved$doomed" ]; then
        refusal="the settings and the data stay"
        confirm "Purge the settings${purged:+ of$purged}${doomed:+, and delete the data above}?" :
        set --
        for name in $purged; do set -- "$@" "$name"; done
        [ $# -eq 0 ] || run @PURGE@ "$@" || say "warning: not all of it was purged" >&2
        printf '%s\n' "$saved" | while IFS= read -r path; do [ -z "$path" ] || run rm -f "$path"; done
        printf '%s\n' "$doomed" | while IFS= read -r path; do [ ! -d "$path" ] || run rm -rf "$path"; done
    fi
    say "purged:${purged:- nothing}"
    [ -z "$kept" ] ||
        say "stays: the settings of$kept; their own scripts may delete the data above, and run with --delete-data"
    data=$(data_folders has_owner)
}

rest() { # what stays, as lines of the state; nothing where --purge has nothing more to do
    kept=$(for name in $(left_settings); do say "left $name"; done
        printf '%s\n' "$saved" | while IFS= read -r path; do [ ! -f "$path" ] || say "saved $path"; done
        printf '%s\n' "$data" | while IFS= read -r path; do
            if noted "folder $path"; then say "folder $path"; elif [ -n "$path" ]; then say "data $path"; fi
        done
        each came "$in_use")
    [ -z "$kept" ] || { say "$kept"; grep -e '^user ' -e '^group ' -e '^had ' -e '^folder /etc/' "$state"; } || true
}

left_settings() { # packages of ours that have gone but for their settings
    for name in $(leftovers); do
        if noted "had $name"; then continue; fi
        if noted "came $name" || noted "left $name"; then printf ' %s' "$name"; fi
    done
}

leftovers() { # packages that are gone but for their settings
    @LEFTOVERS@
}

ours_once() { sed -n 's/^came //p; s/^left //p' "$state"; } # what came, as far as it is noted

files_of() { # what came: its paths where settings and data are
    set --
    for name in $(ours_once); do set -- "$@" "$name"; done
    paths_of "$@"
}

paths_of() { # the same of these packages
    [ $# -eq 0 ] || {
        @FILES@
    } 2>/dev/null | grep -E '^/(etc|var|srv|opt|home)/' || true
}

users_of_data() { # what came, is here still, and may use what looks like data
    for name in $(ours_once); do
        if is_there "$name" && { [ -n "$(paths_of "$name")" ] || has_script "$name"; }; then printf ' %s' "$name"; fi
    done
}

purge_scripts() { # of these packages, their texts
    @SCRIPTS@
}

has_script() { # whether a purge of it runs more than what the packages' tools have written
    purge_scripts "$1" | sed '/^# Automatically added by/,/^# End automatically/d; /^[[:space:]]*#/d' |
        grep -qvE '^[[:space:]]*(set -e|exit 0|)[[:space:]]*$'
}

has_owner() { # whether a package that is installed has a path
    { @OWNER@; } >/dev/null 2>&1
}

saved_settings() { # files that are no package's any more and stay by themselves, as lines
    {
        sed -n 's/^saved //p' "$state"
        printf '%s\n' "$files" | sed -n '/^\/etc\//{@SAVED@;}'
    } | LC_ALL=C sort -u | while IFS= read -r path; do
        if [ -f "$path" ] && ! has_owner "$path"; then say "$path"; fi
    done
}

data_folders() { # that may be of what came and hold more than its files, as lines, without those that $1 is true of
    {
        sed -n 's/^folder //p; s/^data //p' "$state"
        sed -n 's/^user //p' "$state" | while read -r name; do
            sed -n "s/^$name:\([^:]*:\)\{4\}\([^:]*\):.*/\2/p" /etc/passwd
        done
        { printf '%s\n' "$files"; mentioned; } | sed 's,/*$,,; p; s,/[^/]*$,,'
    } | sed 's,/*$,,' | grep -E '^/(var/[^/]+|srv|opt|home)/[^/]' | grep -vE -e '/\.\.?(/|$)' \
        -e '^/var/((run|lock|tmp)/|(lib|cache)/(apt|debconf|dpkg|ucf|sandbox-promote)(/|$))' |
        tr / '\001' | LC_ALL=C sort -u | tr '\001' / | {
        top=/nowhere
        while IFS= read -r path; do
            case $path/ in "$top"/*) continue ;; esac
            if [ ! -d "$path" ] || [ -h "$path" ] || "$1" "$path"; then continue; fi
            top=$path
            if [ -n "$(foreign "$path")" ]; then say "$path"; fi
        done
    }
}

mentioned() { # the paths that settings and scripts of what came name
    {
        set --
        for name in $(ours_once); do set -- "$@" "$name"; done
        purge_scripts "$@"
        printf '%s\n' "$files" | sed -n '/^\/etc\//p' | while IFS= read -r path; do
            if [ -f "$path" ]; then $root cat "$path" </dev/null; fi
        done
        sed -n 's/^folder \(\/etc\/\)/\1/p' "$state" | while IFS= read -r path; do
            $root find "$path" -type f -exec cat {} + </dev/null
        done
    } 2>/dev/null | LC_ALL=C tr -cs 'A-Za-z0-9._/-' '\n' | sed -n '/^\//p'
}

foreign() { # something in the folder $1 that is in no package that came
    if command -v find >/dev/null; then
        { printf '%s\n' "$files" "$files"; $root find "$1" ! -type d </dev/null; } 2>/dev/null |
            LC_ALL=C sort | uniq -u | sed '/^$/d; q'
    else
        $root ls -A "$1" </dev/null
    fi
}

links() { # by which something starts at boot, where they lead somewhere
    (set +f
        for path in /etc/systemd/*/* /etc/systemd/*/*/* /etc/runlevels/*/* /etc/runit/*/*/* /var/service/*; do
            if [ -h "$path" ] && [ -e "$path" ]; then say "$path"; fi
        done) | LC_ALL=C sort
}

clean_links() { # those that lead nowhere now, and those with which the removal keeps a service from its start
    { printf '%s\n' "$enabled" | while IFS= read -r path; do if [ ! -e "$path" ]; then say "$path"; fi; done
      fresh "$enabled" "$(links)"; } | while IFS= read -r path; do
        [ -h "$path" ] || continue
        if command -v deb-systemd-helper >/dev/null; then # it has notes of its own
            for verb in purge unmask; do
                $root env DPKG_MAINTSCRIPT_PACKAGE=none deb-systemd-helper "$verb" "${path##*/}" </dev/null || true
            done
        fi
        run rm -f "$path"
    done
}

main() {
    action=install dry_run=no ask=yes pin=no purge=no delete=no refusal="nothing was changed"
    for option in "$@"; do
        case $option in
            --dry-run) dry_run=yes ;;
            --check) action=check ;;
            --uninstall) action=uninstall ;;
            --purge) action=uninstall purge=yes ;;
            --delete-data) delete=yes ;;
# if PINNED
            --pin) pin=yes ;;
# end
            -y | --yes) ask=no ;;
            -h | --help) usage; exit 0 ;;
            *) say "error: no such option: $option" >&2; usage >&2; exit 2 ;;
        esac
    done
    [ "$delete$purge" != yesno ] || { say "error: --delete-data goes with --purge" >&2; usage >&2; exit 2; }
    if [ "$pin" = yes ]; then wanted=$pinned; else wanted=$packages; fi
    host_fits
    @ACTION@
}

main "$@"
