"""Retired names warn where they are subclassed or made."""

from typing import Any

import pytest

from cliquet_like.permission.memory import Permission
from cliquet_like.resource import ProtectedResource, ShareableModel, ShareableResource, ShareableViewSet
from cliquet_like.resource.model import ProtectedModel
from cliquet_like.resource.viewset import ProtectedViewSet
from cliquet_like.storage.memory import Storage

NAMES = [
    (ProtectedResource, ShareableResource),
    (ProtectedModel, ShareableModel),
    (ProtectedViewSet, ShareableViewSet),
]


@pytest.mark.parametrize(("retired", "current"), NAMES)
def test_a_retired_name_says_what_replaces_it(retired: Any, current: Any) -> None:
    expected = f"{retired.__name__} is deprecated, use {current.__name__} instead"

    with pytest.warns(DeprecationWarning, match=expected):
        subclass = type("Mine", (retired,), {})

    assert issubclass(subclass, current)


def test_what_is_made_of_them_works() -> None:
    with pytest.warns(DeprecationWarning, match="ProtectedModel"):
        model = ProtectedModel(Storage(), collection_id="things")
    model.permission, model.get_permission_object_id = Permission(), str
    with pytest.warns(DeprecationWarning, match="ProtectedViewSet"):
        viewset = ProtectedViewSet(collection_path="/x")

    created = model.create_record({"id": "a", "__permissions__": {"read": {"bob"}}})

    assert created["__permissions__"] == {"read": {"bob"}}
    assert viewset.collection_path == "/x"
