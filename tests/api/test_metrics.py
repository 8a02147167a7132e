"""What an application measures and counts, as a server of statsd sees it."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pyramid.events import NewRequest, subscriber
from pyramid.exceptions import ConfigurationError
from pyramid.request import Request
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config
from pyramid_retry import RetryableException
from webtest import TestApp

from cliquet_like import Service
from cliquet_like.drivers.migrations import Migrated, pending
from cliquet_like.events import ResourceChanged
from cliquet_like.initialization.metrics import METRICS
from cliquet_like.statsd.client import MOST_HELD
from cliquet_like.storage import StorageBase
from cliquet_like.storage.memory import Storage
from cliquet_like.testing.app import make_client, sign_in
from tests.metering import Meter, metering

Make = Callable[..., TestApp]

busy = Service(name="busy", path="/busy")


@busy.get(permission=NO_PERMISSION_REQUIRED)
def get_busy(request: Any) -> Any:
    """Answers the second attempt only."""
    outermost = getattr(request, "parent", None) or request
    if outermost.environ["retry.attempt"] == 0:
        raise RetryableException
    return {}


@view_config(route_name="plain", renderer="json", permission=NO_PERMISSION_REQUIRED)
def plain(request: Any) -> Any:
    """View of an application that is no service's."""
    return {}


def includeme(config: Any) -> None:
    """Plugin with a route of its own."""
    config.add_route("plain", "/plain")


def load_from_config(config: Any, prefix: str) -> Any:
    """Listener."""
    return lambda event: None


def nobodys_groups(userid: str, request: Any) -> list[str] | None:
    """Groupfinder that is not ours."""
    return None if request.headers.get("X-Refused") else []


@subscriber(ResourceChanged)
def ask(event: Any) -> None:
    """Subscriber that uses the permission backend."""
    event.request.registry.permission.user_principals("ada")


@pytest.fixture
def meter() -> Iterator[Meter]:
    with metering() as meter:
        yield meter


@pytest.fixture
def make_app(meter: Meter) -> Iterator[Make]:
    """Maker of clients of applications that measure; the sockets are closed at the end."""
    registries = []

    def make(**settings: Any) -> TestApp:
        options = {"statsd_url": meter.url, "includes": "tests.api.test_metrics", **settings}
        app = make_client("tests.resources", "tests.api.test_metrics", **options)
        registries.append(app.app.registry)
        meter.lines()
        return app

    yield make
    for registry in registries:
        registry.statsd.close()
        for client in getattr(registry, "database_clients", {}).values():
            client.close()


@pytest.fixture
def app(make_app: Make) -> TestApp:
    return make_app()


def test_a_request_is_measured_from_its_view_to_its_storage(app: TestApp, meter: Meter) -> None:
    app.get("/v1/notes")

    found = meter.metrics()

    assert sorted(set(found)) == [
        ("authentication.basicauth.authenticated_userid", "ms"),
        ("authn_type.basicauth", "c"),
        ("status.200", "c"),
        ("storage.memory.get_page", "ms"),
        ("users", "s"),
        ("view.note-collection.GET", "c"),
        ("view.note-collection.GET", "ms"),
    ]


def test_a_request_sends_what_it_measured_together(app: TestApp, meter: Meter) -> None:
    app.get("/v1/")

    datagrams = meter.datagrams()

    assert len(datagrams) == 1


def test_a_request_of_many_calls_fills_no_memory(app: TestApp, meter: Meter) -> None:
    seen: list[int] = []

    def call_often(event: Any) -> None:
        for _ in range(10 * MOST_HELD):
            event.request.registry.cache.get("greeting")
        seen.append(len(meter.lines()))

    app.app.registry.registerHandler(call_often, (NewRequest,))
    app.get("/v1/")

    assert 9 * MOST_HELD < seen[0] <= 10 * MOST_HELD


def test_a_callback_that_fails_does_not_keep_later_requests_from_sending(app: TestApp, meter: Meter) -> None:
    def fail(request: Any) -> None:
        request.registry.unregisterHandler(prepare, (NewRequest,))
        raise LookupError("callback")

    def prepare(event: Any) -> None:
        # Ahead of those that others have added.
        event.request.finished_callbacks.appendleft(fail)

    app.app.registry.registerHandler(prepare, (NewRequest,))
    with pytest.raises(LookupError, match="callback"):
        app.get("/v1/")
    failed = meter.metrics()
    app.get("/v1/")

    assert ("status.200", "c") in failed
    assert ("status.200", "c") in meter.metrics()


def test_a_request_that_nobody_answers_is_sent_too(make_app: Make, meter: Meter) -> None:
    app = make_app()

    def stop(event: Any) -> None:
        event.request.registry.cache.get("greeting")
        raise SystemExit(3)

    app.app.registry.registerHandler(stop, (NewRequest,))
    with pytest.raises(SystemExit):
        app.get("/v1/")

    assert meter.metrics() == [("cache.memory.get", "ms")]


def test_the_table_names_all_that_is_measured_and_nothing_else(make_app: Make, meter: Meter) -> None:
    name = "event_listeners.queue"
    app = make_app(**{"event_listeners": "queue", f"{name}.use": "tests.api.test_metrics"})
    app.post_json("/v1/notes", {"data": {}})
    app.app.registry.cache.get("greeting")
    app.get("/v1/nosuch", status=404)
    types = {"timer": "ms", "counter": "c", "set": "s"}
    rows = {
        (re.sub("<[A-Za-z]+>", "[^.]+", metric.name.replace(".", "[.]")), types[metric.type])
        for metric in METRICS
    }

    found = [
        {row for row in rows if row[1] == kind and re.fullmatch(row[0], name)}
        for name, kind in meter.metrics()
    ]

    assert all(len(matching) == 1 for matching in found)
    assert set.union(*found) == rows


@pytest.mark.parametrize(
    ("method", "path", "counted"),
    [
        ("GET", "/v1/", ["status.200", "view.hello.GET"]),
        ("HEAD", "/v1/", ["status.200", "view.hello.HEAD"]),
        ("GET", "/v1/__lbheartbeat__", ["status.200", "view.lbheartbeat.GET"]),
        ("GET", "/v1/notes", ["status.401", "view.note-collection.GET"]),
        ("DELETE", "/v1/", ["status.405", "view.hello.DELETE"]),
        ("TRACE", "/v1/", ["status.405", "view.hello.OTHER"]),
        ("GET", "/v1/nosuch", ["status.404"]),
        ("GET", "/v1/notes/", ["status.307"]),
        ("GET", "/", ["status.307"]),
        ("GET", "/v1/plain", ["status.200"]),
        ("GET", "/v1/busy", ["status.200", "view.busy.GET"]),
    ],
)
def test_an_answer_is_counted_once(
    app: TestApp, meter: Meter, method: str, path: str, counted: list[str]
) -> None:
    anonymous = sign_in(app, None)

    anonymous.request(path, method=method, status="*")

    assert sorted(name for name, kind in meter.metrics() if kind in "cs") == counted


def test_users_are_told_apart(app: TestApp, meter: Meter) -> None:
    for user in ("ada", "bob", "ada"):
        sign_in(app, user).get("/v1/")

    users = [line for line in meter.lines() if line.endswith("|s")]

    assert len(users) == 3
    assert len(set(users)) == 2
    assert all(user.startswith("cliquet_like.users:basicauth%3a") for user in users)


def test_nobody_is_looked_for_only_to_be_counted(app: TestApp, meter: Meter) -> None:
    app.get("/v1/__lbheartbeat__")

    found = [name for name, _ in meter.metrics()]

    assert not [name for name in found if name.startswith("auth") or name == "users"]


def test_a_batch_and_each_of_its_requests_are_counted(app: TestApp, meter: Meter) -> None:
    paths = ["/notes", "/notes/%s" % ("0" * 8 + "-0000-4000-8000-" + "0" * 12), "/nosuch"]

    app.post_json("/v1/batch", {"requests": [{"path": path} for path in paths]})

    counters = sorted(name for name, kind in meter.metrics() if kind == "c")
    assert counters == [
        *["authn_type.basicauth"] * 4,
        *["status.200"] * 2,
        *["status.404"] * 2,
        "view.batch.POST",
        "view.note-collection.GET",
        "view.note-record.GET",
    ]


def test_a_batch_that_is_tried_again_is_counted_once(app: TestApp, meter: Meter) -> None:
    requests = [{"path": path} for path in ("/notes", "/busy")]

    app.post_json("/v1/batch", {"requests": requests}, status=200)

    found = Counter(meter.metrics())
    assert found["status.200", "c"] == 3
    assert found["view.note-collection.GET", "c"] == found["view.batch.POST", "c"] == 1
    assert found["users", "s"] == 3


def test_policies_are_measured_with_another_groupfinder_too(make_app: Make, meter: Meter) -> None:
    app = make_app(**{"multiauth.groupfinder": "tests.api.test_metrics.nobodys_groups"})

    known = app.get("/v1/").json
    refused = app.get("/v1/", headers={"X-Refused": "yes"}).json

    found = meter.metrics()
    assert ("user" in known, "user" in refused) == (True, False)
    assert found.count(("authentication.basicauth.authenticated_userid", "ms")) == 2
    assert found.count(("authn_type.basicauth", "c")) == 1


@pytest.mark.parametrize("kind", ["storage", "cache", "permission"])
def test_a_measured_backend_is_what_it_was(make_app: Make, meter: Meter, tmp_path: Any, kind: str) -> None:
    options = {f"{kind}_backend": f"cliquet_like.{kind}.sqlite", f"{kind}_url": f"sqlite:///{tmp_path}/a.db"}
    backend = getattr(make_app(**options).app.registry, kind)

    backend.initialize_schema()

    assert isinstance(backend, Migrated)
    assert pending(backend.database, backend.migrations) == []
    assert meter.metrics() == [(f"{kind}.sqlite.initialize_schema", "ms")]


def test_a_resource_works_on_a_measured_backend(make_app: Make) -> None:
    app = make_app(toadstool_create_principals="system.Authenticated")
    made = app.post_json("/v1/toadstools", {"data": {"name": "fly agaric"}}).json["data"]
    app.patch_json(f"/v1/toadstools/{made['id']}", {"data": {"season": "autumn"}})

    listed = app.get("/v1/toadstools").json["data"]

    assert [record["season"] for record in listed] == ["autumn"]
    assert isinstance(app.app.registry.storage, StorageBase)
    assert app.get("/v1/__heartbeat__").json == {"storage": True, "cache": True, "permission": True}


@pytest.mark.parametrize("url", [None, ""])
def test_without_a_url_nothing_stands_between(url: str | None) -> None:
    registry = make_client(statsd_url=url).app.registry

    kinds = type(registry.storage), registry.statsd

    assert kinds == (Storage, None)


def test_a_backend_of_no_setting_goes_by_its_class(meter: Meter) -> None:
    def setup_own_storage(config: Any) -> None:
        config.registry.storage = Storage()

    steps = [setup_own_storage, "cliquet_like.initialization.setup_statsd"]
    settings: dict[str, Any] = {"storage_backend": "", "statsd_url": meter.url}
    registry = make_client(initialization_sequence=steps, **settings).app.registry

    registry.storage.flush()

    assert meter.metrics() == [("storage.storage.flush", "ms")]
    registry.statsd.close()


@pytest.mark.parametrize("url", ["http://127.0.0.1:8125", "udp://127.0.0.1"])
def test_a_wrong_url_is_refused_at_start(url: str) -> None:
    with pytest.raises(ConfigurationError, match=f"Setting statsd_url: '{url}' .* expected udp://host:port"):
        make_client(statsd_url=url)


@pytest.mark.parametrize("use_tweens", [True, False])
def test_a_request_of_the_application_s_own_is_a_part_of_the_one_around_it(
    app: TestApp, meter: Meter, use_tweens: bool
) -> None:
    registry = app.app.registry
    early: list[str] = []

    def follow(event: Any) -> None:
        app.app.invoke_subrequest(Request.blank("/v1/__lbheartbeat__"), use_tweens=use_tweens)
        app.app(Request.blank("/v1/__lbheartbeat__").environ, lambda *_: None)
        early.extend(meter.lines())

    registry.registerHandler(follow, (ResourceChanged,))
    app.post_json("/v1/notes", {"data": {}})

    names = [name for name, kind in meter.metrics() if kind == "c"]
    assert early == []
    assert names.count("view.lbheartbeat.GET") == 2
