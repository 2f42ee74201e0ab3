#!/bin/sh
# Print the PNG file of an icon, which is named $1 or is at the path $1; nothing where there is none (Icon Theme 0.13).

case $1 in
/*.png) set -- "$1" ;;
/*) exit 0 ;;
*)
    name=${1%.png}
    set --
    for size in 64 48 96 128 256 72 512 32 24 22 16; do
        set -- "$@" "/usr/share/icons/hicolor/${size}x$size/apps/$name.png"
    done
    set -- "$@" "/usr/share/pixmaps/$name.png" /usr/share/icons/*/48x48/apps/"$name.png"
    ;;
esac
for file; do
    [ -f "$file" ] && exec cat "$file"
done
exit 0
