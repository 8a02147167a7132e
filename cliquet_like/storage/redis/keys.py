"""Keys of a collection on the server.

All of one collection stand under one hash tag, ``{parent:collection}``, so that Redis Cluster
keeps them on one node, where a script may use them together:

* ``timestamp``: the collection's, in ms;
* ``records``: hash of the live records by id, each ``<ms> <JSON of the other fields>``;
* ``live``: sorted set of their ids by timestamp;
* ``dead``: the same of the tombstones, of which there is nothing else to keep.
"""

from collections.abc import Iterable
from typing import Final

NAMESPACE: Final = "cliquet_like:storage:"
PARTS: Final = ("timestamp", "records", "live", "dead")

_ESCAPED: Final = str.maketrans({"%": "%25", ":": "%3A", "{": "%7B", "}": "%7D"})


def keys_of(collection_id: str, parent_id: str) -> list[str]:
    """Keys of a collection in the order of ``PARTS``; the names may hold any characters."""
    tag = f"{parent_id.translate(_ESCAPED)}:{collection_id.translate(_ESCAPED)}"
    return [f"{NAMESPACE}{{{tag}}}:{part}" for part in PARTS]


def whole_collections(found: Iterable[bytes]) -> list[list[bytes]]:
    """All keys of each collection of which some keys were found."""
    stems = {key.rpartition(b":")[0] for key in found}
    return [[b"%s:%s" % (stem, part.encode()) for part in PARTS] for stem in stems]
