"""The version of the library and of the HTTP protocol it speaks."""

from typing import Final

__version__: Final = "0.1.0"

PROTOCOL_VERSION: Final = "2"
"""Version of the Cliquet HTTP protocol, shown by the hello view."""
