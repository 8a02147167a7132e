"""What random operations on permissions are made of: texts that backends are known to confuse."""

from typing import Final

from hypothesis import strategies as st

from cliquet_like.permission.access import Pair, SharedQuestion

ODD: Final = (
    *(
        "",
        " ",
        "a ",
        "A",
        "é",
        "e\u0301",
        "\ud7ff",
        "\ue000",
        "\uffff",
        "\U0001f600",
        "\U0010ffff",
        "it's",
        '"',
    ),
    *("\\", "%", "%s", "_", "[a]", "?", "*", ":", "a:b", "\n", "\x01", "\x1f", "NULL", "$1", "{a}", "-", "1"),
)
UNSTORABLE: Final = ("\0", "a\0", "\ud800", "x" * 2501)

USERS: Final = ("alice", "bob", "group:x")
GROUPS: Final = ("group:x", "group:y", "alice")
PERMISSIONS: Final = ("read", "write", "books:create")
OBJECTS: Final = ("/b/1", "/b/_", "/b")
PATTERNS: Final = ("*", "/b*", "/b/*", "/b/_*", "/b/[a]*", "/b/?*", "*/p/*", "/b/*/p/*", "/*/1", "*1", "**")


def _texts(usual: tuple[str, ...], odd: tuple[str, ...]) -> st.SearchStrategy[str]:
    """The usual ones in five of six cases, or nothing would ever meet."""
    times = 5 * len(odd) // len(usual)
    return st.sampled_from([*usual * times, *odd, *UNSTORABLE])


users: Final = _texts(USERS, ODD)
principals: Final = _texts((*USERS, "group:y"), (*PERMISSIONS, *ODD))
permissions: Final = _texts(("read", "read", "write"), (*PERMISSIONS, *ODD))
object_ids: Final = _texts(OBJECTS, ("/b/10", "/b/1/p/2", "/B/1", *[f"/b/{text}" for text in ODD], *ODD))
patterns: Final = (
    st.sampled_from(PATTERNS)
    | st.builds("{}*".format, object_ids)
    | st.text("/b1_p*", max_size=6)
    | object_ids
)

pairs: Final = st.builds(Pair, object_ids, permissions)
among: Final = st.builds(Pair, patterns, permissions)
several: Final[st.SearchStrategy[list[str]]] = st.lists(principals, min_size=1, max_size=3) | st.just([])
entries: Final[st.SearchStrategy[dict[str, list[str]]]] = st.dictionaries(
    permissions, several, min_size=1, max_size=3
) | st.just({})
_likely: Final = st.builds(Pair, st.sampled_from(OBJECTS), st.sampled_from(["read", "write"]))
_wide: Final = st.builds(Pair, st.sampled_from(["*", "/b/*"]), st.just("read"))
questions: Final = st.builds(
    SharedQuestion,
    st.frozensets(st.sampled_from(USERS), max_size=2) | st.frozensets(principals, max_size=3),
    st.lists(_wide | among, min_size=1, max_size=3).map(tuple) | st.just(()),
    st.lists(_likely | pairs, max_size=2).map(tuple) | st.just(()),
)
