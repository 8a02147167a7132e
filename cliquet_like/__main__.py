"""``python -m cliquet_like``: the command ``cliquet-like``."""

import sys

from cliquet_like.scripts.cliquet_like import main

sys.exit(main())
