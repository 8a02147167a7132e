"""The clock: the only caller of ``time.time`` in the library."""

import time


def msec_time() -> int:
    """Milliseconds since the Unix epoch, as a whole number."""
    return time.time_ns() // 1_000_000
