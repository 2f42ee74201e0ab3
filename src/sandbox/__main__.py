"""`python -m sandbox`."""

import os
import sys

if sys.path and sys.path[0] in ("", os.getcwd()):  # noqa: PTH109
    del sys.path[0]  # -m puts the current folder first, which may be somebody else's and hold a requests.py

from sandbox.cli.main import main

main()
