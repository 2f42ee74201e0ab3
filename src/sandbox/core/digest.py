"""SHA-256 of short texts, such as names, by Python's own code: `hashlib` loads OpenSSL, 2 ms on the way to a prompt.

Of large contents OpenSSL's is faster.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import sha256
else:
    try:
        from _sha2 import sha256  # from Python 3.12 on
    except ImportError:
        try:
            from _sha256 import sha256
        except ImportError:
            from hashlib import sha256

__all__ = ["sha256"]
