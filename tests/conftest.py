"""What every test stands on: signals that mean something, however the run was started."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    """Heed what `nohup` or a shell's `&` has ignored: what is started here inherits that, and tests send signals."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
