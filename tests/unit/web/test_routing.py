"""Service and resource of a request."""

from types import SimpleNamespace

import pytest

from cliquet_like.web.routing import current_resource_name, current_service

PLAIN = SimpleNamespace()
RESOURCE = SimpleNamespace(
    resource=type("Book", (), {}),
    viewset=SimpleNamespace(get_name=lambda resource: resource.__name__.lower()),
)
SERVICES = {"v1/plain": PLAIN, "v1/books": RESOURCE, "__cornicenamed": PLAIN}


def routed(pattern, *, name="any", **registry):
    route = SimpleNamespace(pattern=pattern, name=name) if pattern else None
    registry = SimpleNamespace(**(registry or {"cornice_services": SERVICES}))
    return SimpleNamespace(matched_route=route, registry=registry)


@pytest.mark.parametrize(
    ("request_", "service"),
    [
        (routed("v1/plain"), PLAIN),
        (routed("v1/other", name="named"), PLAIN),
        (routed("v1/other"), None),
        (routed(None), None),
        (routed("v1/plain", cornice_services={}), None),
        (routed("v1/plain", empty=True), None),
    ],
)
def test_a_service_is_found_by_its_route(request_, service):
    assert current_service(request_) is service


@pytest.mark.parametrize(("pattern", "name"), [("v1/books", "book"), ("v1/plain", None), (None, None)])
def test_a_resource_is_named_by_its_viewset(pattern, name):
    assert current_resource_name(routed(pattern)) == name
