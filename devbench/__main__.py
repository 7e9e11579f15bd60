"""Entry point of `python3 -m devbench`, which the `./sinjai` stub calls."""

import sys

from devbench.cli import main

sys.exit(main(sys.argv[1:]))
