"""`python -m sandbox`."""

import os
import sys

if sys.path and sys.path[0] in ("", os.getcwd()):  # noqa: PTH109
    del sys.path[0]  # -m puts the current folder first, which may be somebody else's and hold a requests.py

try:
    from sandbox.cli.main import main
except KeyboardInterrupt:  # from its first line on it takes it
    sys.exit(130)

main()
