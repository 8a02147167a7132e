"""An entry is written whatever it holds."""

import json
import logging
import time
from collections import deque
from collections.abc import Mapping
from enum import IntEnum

import pytest

from cliquet_like.logs import ClassicLogRenderer, JSONLogRenderer, MozillaHekaRenderer
from cliquet_like.logs.masking import MAX_FIELD, mask_entry
from cliquet_like.logs.structured import logger


class Raising:
    def __repr__(self):
        raise RuntimeError("no text")

    def __hash__(self):
        return 1


class RaisingText(str):
    __slots__ = ()

    def __str__(self):
        raise RuntimeError("no text")


class RaisingNumber(int):
    def __repr__(self):
        raise RuntimeError("no text")


class RaisingMapping(Mapping):
    def __getitem__(self, key):
        raise RuntimeError("no item")

    def __iter__(self):
        raise RuntimeError("no keys")

    def __len__(self):
        return 1


class Disguised:
    """As a proxy of an object that is not there."""

    @property
    def __class__(self):
        raise RuntimeError("no class")


class Size(IntEnum):
    LARGE = 3


def nested(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


def endless(kind=list):
    value = {} if kind is dict else []
    if kind is dict:
        value["a"] = value
    else:
        value.extend([value] * 1000)
    return value


ODD = {
    "no text": Raising(),
    "text without text": RaisingText("a"),
    "number without text": RaisingNumber(3),
    "mapping without keys": RaisingMapping(),
    "no class": Disguised(),
    "inside": {"a": [Raising()], Raising(): 1},
    "exception": ValueError(Raising()),
    "endless list": endless(),
    "endless dict": endless(dict),
    "deep": nested(100_000),
    "digits": 10**5000,
    "surrogate": "\ud800",
    "NaN": float("nan"),
    "large text": "a b" * 10_000_000,
    "large bytes": b"a" * 30_000_000,
    "large list": list(range(1_000_000)),
    "large dict": {number: number for number in range(1_000_000)},
}
RENDERERS = (ClassicLogRenderer, JSONLogRenderer, MozillaHekaRenderer)


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("name", ODD)
def test_an_entry_with_any_value_is_a_line_soon(renderer, name):
    odd = ODD[name]
    begun = time.process_time()

    line = renderer({})(None, "info", mask_entry({"event": odd, "field": odd, "path": odd}))

    assert time.process_time() - begun < 2
    assert "\n" not in line
    assert len(line) < 30 * MAX_FIELD
    assert renderer is ClassicLogRenderer or json.loads(line)


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize(
    "name", ["no text", "text without text", "inside", "exception", "endless dict", "digits"]
)
def test_a_renderer_that_is_used_directly_writes_any_value(renderer, name):
    odd = ODD[name]

    line = renderer({})(
        None, "info", {"event": "hello", "field": odd, "querystring": {"a": odd}, "path": odd}
    )

    assert "hello" in line or "unprintable" in line
    assert "\n" not in line


MASKED = {
    "no text": (Raising(), "<unprintable Raising>"),
    "text without text": (RaisingText("a"), "<unprintable RaisingText>"),
    "mapping without keys": (RaisingMapping(), "<unprintable RaisingMapping>"),
    "item without text": ({"a": [Raising()]}, {"a": ["<unprintable Raising>"]}),
    "key without text": ({Raising(): 1}, {"<unprintable Raising>": 1}),
    "digits": (10**5000, "<unprintable int>"),
    "long": (2**80, 2**80),
    "number of a subclass": (RaisingNumber(3), 3),
    "enumeration": (Size.LARGE, 3),
    "float": (1.5, 1.5),
    "deque": (deque([1]), [1]),
    "set": ({1}, [1]),
    "bytearray": (bytearray(b"password=hunter2"), "password=***"),
    "secret in a key": ({"redis://:hunter2@host": 1}, {"redis://:***@host": 1}),
    "deep list": (nested(5), [[[[["..."]]]]]),
    "deep dict": ({"a": {"a": {"a": {"a": {"a": {"a": 1}}}}}}, {"a": {"a": {"a": {"a": {"a": "..."}}}}}),
    "largest text": ("a" * MAX_FIELD, "a" * MAX_FIELD),
    "too large": ("a" * (MAX_FIELD + 1), "a" * MAX_FIELD + "..."),
    "full list": (["a" * MAX_FIELD, "a"], ["a" * (MAX_FIELD - 16) + "...", "..."]),
    "full dict": ({"a": "b" * MAX_FIELD, "c": "d"}, {"a": "b" * (MAX_FIELD - 17) + "...", "...": "..."}),
}  # fmt: skip


@pytest.mark.parametrize("name", MASKED)
def test_what_cannot_be_written_is_named_and_what_is_too_much_is_cut(name):
    value, masked = MASKED[name]

    assert mask_entry({"a": value}) == {"a": masked}


def test_a_secret_inside_of_what_is_cut_is_masked():
    ring = ["password=hunter2", "a" * (MAX_FIELD - 60), "redis://:hunter2@host/0"]
    ring.append(ring)

    masked = str(mask_entry({"a": ring}))

    assert "hunter" not in masked
    assert "..." in masked


def test_a_number_of_a_subclass_becomes_a_plain_one():
    masked = mask_entry({"a": RaisingNumber(3), "b": Size.LARGE})

    assert {type(value) for value in masked.values()} == {int}


def test_heka_keeps_fields_that_are_no_mapping():
    line = json.loads(MozillaHekaRenderer({})(None, "info", {"event": "x", "Fields": 3}))

    assert line["Fields"] == {"Fields": 3}


@pytest.mark.parametrize("name", ["no text", "no class", "endless list"])
def test_the_logger_writes_any_value(caplog, name):
    caplog.set_level(logging.INFO)

    logger.info("hello", odd=ODD[name])
    logger.warning(ODD[name])

    assert len(caplog.messages) == 2
