"""All that touches the docker SDK.

The SDK's HTTP library loads another one that guesses the encoding of texts, and is made to work without it
(requests/compat.py). What engines say is UTF-8; so it is not loaded, which is a twentieth of the way to the prompt.
"""

from __future__ import annotations

import sys
import warnings
from typing import Final

GUESSERS: Final = ("chardet", "charset_normalizer")


def _import_requests() -> None:
    hidden = [name for name in GUESSERS if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: `import NAME` fails (importlib docs)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import requests  # noqa: F401 - the SDK finds it loaded
    finally:
        for name in hidden:
            del sys.modules[name]


_import_requests()
