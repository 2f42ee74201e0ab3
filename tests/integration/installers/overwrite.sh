#!/bin/sh
# As a "better" tool: it replaces a program of a package, moves the old one away, and hides another.
set -e
mv /usr/bin/whoami /usr/bin/whoami.orig
printf '#!/bin/sh\nexec /usr/bin/whoami.orig "$@"\n' >/usr/bin/whoami
chmod 755 /usr/bin/whoami
printf '#!/bin/sh\nexec /usr/bin/nproc "$@"\n' >/usr/local/bin/nproc
chmod 755 /usr/local/bin/nproc
echo 'PATH="/usr/local/lab/bin:/usr/local/bin:/usr/bin:/bin"' >>/etc/environment
