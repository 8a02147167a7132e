"""A worker: ``python -m tests.concurrency.worker FD THREADS`` serves on a listening socket that it inherits.

It ends when its standard input does, so that none outlives whoever started it.
"""

import logging
import os
import socket
import sys
from threading import Thread

from waitress import serve

from tests.concurrency.application import make_app


def end_with_input() -> None:
    """End this process when nobody holds the other end of its standard input any more."""
    sys.stdin.buffer.read()
    os._exit(0)


def main(descriptor: str, threads: str) -> None:
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # that requests wait is the point
    Thread(target=end_with_input, daemon=True).start()
    with socket.socket(fileno=int(descriptor)) as listener:
        serve(make_app(), sockets=[listener], threads=int(threads), _quiet=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
