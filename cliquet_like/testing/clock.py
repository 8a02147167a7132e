"""A clock that stands still until it is told to go on."""


class FrozenClock:
    """Call it for the milliseconds since the epoch; for backends that take a ``clock``."""

    def __init__(self, now_ms: int = 1_700_000_000_000) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        """Milliseconds since the epoch: the same, until :meth:`advance`."""
        return self.now_ms

    def advance(self, ms: int) -> None:
        """Go on by so many milliseconds; a negative number sets the clock back."""
        self.now_ms += ms
