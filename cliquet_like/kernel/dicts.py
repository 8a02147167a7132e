"""Mappings in small ways: merge without overwriting, merge patch, projection on dotted keys."""

import copy
from collections.abc import Iterable, Mapping
from types import NoneType
from typing import Any, Final

_ATOMS: Final = frozenset({str, int, float, bool, NoneType})


def merge_dicts(a: dict[Any, Any], b: dict[Any, Any]) -> None:
    """Add to ``a``, in place and at every level, what only ``b`` has; ``a`` wins elsewhere."""
    for key, value in b.items():
        if key not in a:
            a[key] = value
        elif isinstance(a[key], dict) and isinstance(value, dict):
            merge_dicts(a[key], value)


def copy_lists(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Copy of a mapping whose lists are copies too; other values are shared."""
    return {key: list(value) if isinstance(value, list) else value for key, value in mapping.items()}


def copy_deeply(value: Any) -> Any:
    """As ``copy.deepcopy``, faster for what JSON is made of; what stands in it twice is copied twice."""
    kind = type(value)
    if kind in _ATOMS:
        return value
    if kind is dict:
        return {key: item if type(item) in _ATOMS else copy_deeply(item) for key, item in value.items()}
    if kind is list:
        return [copy_deeply(item) for item in value]
    return copy.deepcopy(value)


def merge_patch(target: Any, patch: Any) -> Any:
    """Target with a JSON Merge Patch applied (RFC 7396): null removes a key; neither is changed."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value)
    return result


def dict_subset(d: dict[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    """Copy of ``d`` with the given keys only; a dot in a key goes inside (``"author.name"``).

    Keys that are absent are left out. ``{"a"}`` wins over ``{"a.b"}``: the whole of ``a`` stays.
    """
    result: dict[str, Any] = {}
    inner: dict[str, list[str]] = {}
    for key in keys:
        if key in d:
            result[key] = d[key]
            continue
        head, dot, rest = key.partition(".")
        if dot and isinstance(d.get(head), dict):
            inner.setdefault(head, []).append(rest)
    for head, rests in inner.items():
        if head not in result:
            result[head] = dict_subset(d[head], rests)
    return result
