"""Names of commands that a host, or programs on it, call whoever has them: a table. Pure data.

Sources: Debian Policy 11 (editor, pager, x-window-manager, sendmail), hier(7), Filesystem Hierarchy Standard 3.0
(3.16: sendmail), POSIX (awk, sh), update-alternatives(1), systemd's and sysvinit's telinit(8), iptables(8).
"""

from __future__ import annotations

from typing import Final

HOST: Final = frozenset(
    "sendmail mailq newaliases awk sh init telinit runlevel reboot shutdown halt poweroff"
    " iptables ip6tables ebtables arptables iptables-save iptables-restore ip6tables-save ip6tables-restore"
    " x-session-manager x-window-manager".split()
)
"""What the host itself or its services run: whoever has such a name changes what they do."""
PEOPLE: Final = frozenset(
    "editor pager vi ex view rview rvi x-terminal-emulator x-www-browser www-browser gnome-www-browser mail mailx"
    " cc c++ c89 c99 cpp f77 f95 java javac python python2 python3 perl ruby lua lua-interpreter node js php pip"
    " nc netcat telnet ftp rsh rcp rlogin ssh lp lpr lpq lprm lpstat cancel pinentry infobrowser which ping traceroute"
    " whois nmap fakeroot rake gem xterm locate updatedb write from".split()
)
"""What people and their scripts type: whoever has such a name answers, and nothing runs by itself."""
