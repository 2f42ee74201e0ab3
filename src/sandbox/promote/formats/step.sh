#!/bin/sh
# A function of install.sh for one thing that a command sets: whether it stands and can be set, how it is set and taken
# back, when, and what it is called. Its number stands for 0.

step_0() {
    case $1 in
        check) @CHECK@ ;;
        ready) @READY@ ;;
        take) run @TAKE@ ;;
        undo) @UNDO@ ;;
        moment) say @MOMENT@ ;;
        name) say @NAME@ ;;
    esac
}
