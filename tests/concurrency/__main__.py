"""``python -m tests.concurrency [--seconds N] [BACKEND ...]``: one run each, as a table."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.concurrency.run import PLANS, line_of, run_on
from tests.concurrency.sharing import PREFIX, SHARING, share_on
from tests.server_host import hosting


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.concurrency", description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--details", action="store_true")
    parser.add_argument("backends", nargs="*", default=[*PLANS, *SHARING], metavar="BACKEND")
    options = parser.parse_args()
    status = 0
    with hosting():
        for name in options.backends:
            with tempfile.TemporaryDirectory() as directory:
                run = share_on if name in SHARING else run_on
                outcome = run(name.removeprefix(PREFIX), Path(directory), seconds=options.seconds)
            print(line_of(name, outcome), flush=True)
            if options.details:
                print("   ", "; ".join(outcome.details))
            status |= any(outcome.broken.values())
    return status


if __name__ == "__main__":
    sys.exit(main())
