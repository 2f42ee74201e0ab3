#!/bin/sh
# As an assistant: it starts its daemon at once, without any unit.
set -e
printf '#!/bin/sh\nexec sleep 54321\n' >/usr/local/bin/labdaemon
chmod 755 /usr/local/bin/labdaemon
/usr/local/bin/labdaemon &
setsid sleep 65432 </dev/null >/dev/null 2>&1 &
