#!/bin/sh
# Makes apk keep what it downloads, by a link (apk-cache(5)), and what stands behind this text fail where an index could
# not be opened, as one that nobody we trust has signed: to apk that is a warning and status 0.
#
# It sets "$@" for what stands behind it.

[ -e /etc/apk/cache ] || ln -s /var/cache/apk /etc/apk/cache
watched=$(cat <<'TEXT'
{ "$@" 2>&1; echo "= $?"; } | awk '
    /^= [0-9]+$/ { status = $2; next }
    /opening .*: / { failed = 1 }
    { print; fflush() }
    END { exit status ? status : failed }'
TEXT
)
set -- sh -c "$watched" sh "$@"
