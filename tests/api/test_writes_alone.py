"""A write that is lasting at once is undone by nothing: where anything could, it is in a transaction."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPConflict
from pyramid.interfaces import IRouteRequest, IView, IViewClassifier
from pyramid.security import NO_PERMISSION_REQUIRED
from webtest import TestApp
from zope.interface import providedBy

from cliquet_like import Service
from cliquet_like.drivers.errors import TransientBackendError
from cliquet_like.drivers.on_demand import OnDemand
from cliquet_like.events import AfterResourceChanged
from cliquet_like.initialization.bootstrap import initialize
from cliquet_like.initialization.metrics import measure
from cliquet_like.testing.app import MEMORY_SETTINGS, basic_auth
from cliquet_like.web.subrequests import build_request
from tests.api import lone_resources
from tests.api.lone_resources import Plain
from tests.api.refusing import SETTINGS, SETUPS, Setup, at_the_beginning
from tests.contracts.backends import TRANSACTIONAL, new_settings

pytestmark = pytest.mark.once

PLAINS = "/v1/plains"
UUID = "6ba7b810-9dad-41d1-80b4-00c04fd430c8"
REFUSED = {"Refuse": "yes"}
RECORDS = "SELECT id, data, last_modified FROM records WHERE NOT deleted AND collection_id = '{}' ORDER BY id"


class App:
    """An application, and its client, on a database whose statements can be heard."""

    def __init__(self, settings: dict[str, Any], setup: Setup, **options: Any) -> None:
        self.config = Configurator(settings={**MEMORY_SETTINGS, **settings}, **options)
        initialize(self.config, version="1.0")
        self.config.commit()
        setup(self.config)
        self.config.scan(lone_resources)
        self.client = TestApp(self.config.make_wsgi_app())
        self.client.extra_environ["HTTP_AUTHORIZATION"] = basic_auth("ada")
        self.registry = self.config.registry
        self.registry.storage.initialize_schema()

    def create(self, path: str = PLAINS) -> str:
        """Path of a new record."""
        created = self.client.post_json(path, {"data": {"text": "a"}}, status=201).json["data"]
        return f"{path}/{created['id']}"

    def send(self, method: str, path: str, headers: Any = REFUSED) -> Any:
        body = {} if method == "DELETE" else {"params": b'{"data": {"text": "b"}}'}
        call = getattr(self.client, method.lower())
        return call(path, headers={"Content-Type": "application/json", **headers}, status="*", **body)

    def stored(self, collection: str = "plain") -> list[Any]:
        """Records of a collection, all users together, as somebody else finds them now."""
        read = self.registry.storage.database.read
        with ThreadPoolExecutor(1) as another:
            return [tuple(row) for row in another.submit(read, RECORDS.format(collection)).result()]


@pytest.fixture(params=TRANSACTIONAL)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., App]]:
    made = []
    with new_settings(request.param, tmp_path) as database:

        def make(setup: Setup = id, settings: Any = (), **options: Any) -> App:
            made.append(App({**database, **dict(settings)}, setup, **options))
            return made[-1]

        yield make
        for app in made:
            app.registry.storage.database.close()


def assert_undone(app: App, path: str, collection: str) -> None:
    """Whatever is sent is refused, and leaves nothing."""
    record = app.create(path)
    before = app.stored(collection)
    requests = [("POST", path), ("PUT", record), ("PUT", f"{path}/{UUID}"), ("PATCH", record)]
    for method, target in [*requests, ("DELETE", record), ("DELETE", path)]:
        answer = app.send(method, target)

        assert (method, answer.status_code >= 400) == (method, True)
        assert (method, app.stored(collection)) == (method, before)


@pytest.mark.parametrize("name", SETUPS)
def test_what_an_application_adds_may_refuse(make: Callable[..., App], name: str) -> None:
    app = make(SETUPS[name])

    assert_undone(app, PLAINS, "plain")


@pytest.mark.parametrize("name", ["tweens", "manager"])
def test_settings_of_an_application_may_refuse(make: Callable[..., App], name: str) -> None:
    assert_undone(make(settings=SETTINGS[name]), PLAINS, "plain")


@pytest.mark.parametrize(
    "options",
    [
        {"settings": SETTINGS["veto"]},
        {"setup": at_the_beginning(lambda request: request.tm.doom())},
    ],
    ids=["veto", "doom"],
)
def test_an_answer_of_success_may_be_undone(make: Callable[..., App], options: dict[str, Any]) -> None:
    app = make(**options)

    answer = app.send("POST", PLAINS)

    assert (answer.status_code, app.stored()) == (201, [])


def test_a_status_that_was_chosen_before_the_write_may_undo_it(make: Callable[..., App]) -> None:
    app = make(at_the_beginning(lambda request: setattr(request.response, "status_code", 409)))
    record = app.create()
    before = app.stored()

    answers = [app.send(method, record) for method in ("PUT", "PATCH", "DELETE")]

    assert [answer.status_code for answer in answers] == [409] * 3
    assert app.stored() == before


def test_an_application_without_introspection_may_refuse(make: Callable[..., App]) -> None:
    app = make(SETUPS["view deriver"], introspection=False)

    assert_undone(app, PLAINS, "plain")


@pytest.mark.parametrize("name", lone_resources.REFUSING)
def test_a_resource_may_refuse(make: Callable[..., App], name: str) -> None:
    assert_undone(make(), f"/v1/{name}s", name)


def test_a_model_may_have_a_method_with_the_name_of_ours(make: Callable[..., App]) -> None:
    app = make()

    answer = app.send("PUT", f"/v1/nameds/{UUID}", headers={})

    assert (answer.status_code, len(app.stored("named"))) == (201, 1)


def test_what_a_hook_wrote_is_undone_with_the_write(make: Callable[..., App]) -> None:
    app = make()
    app.client.post_json("/v1/changings", {"data": {"url": "a"}}, status=201)
    before = app.stored("changing")

    app.client.put_json(f"/v1/changings/{UUID}", {"data": {"url": "a", "text": "log"}}, status=409)
    app.client.put_json(f"/v1/changings/{UUID}", {"data": {"url": "a", "text": "clear"}}, status=409)

    assert (app.stored("changing"), app.stored("log")) == (before, [])


# Writes of a view of the application, which goes on afterwards


def by_copy(request: Any) -> None:
    copy = request.copy()
    copy.path_info = PLAINS
    request.invoke_subrequest(copy)


def by_subrequest_of_ours(request: Any) -> None:
    request.follow_subrequest(post_of(request), use_tweens=False)


def post_of(request: Any) -> Any:
    body = {"data": {"text": "b"}}
    return build_request(request, {"method": "POST", "path": "/plains", "body": body})


def by_methods(request: Any) -> None:
    request.validated["data"] = request.validated["body"] = {"data": {}}
    Plain(request).collection_post()
    Plain(request).collection_post()


def by_view(request: Any) -> None:
    """Ask the view of another route, with this same request."""
    request.validated["body"] = {"data": {}}
    interface = request.registry.getUtility(IRouteRequest, name="plain-collection")
    look_up = request.registry.adapters.lookup
    view = look_up((IViewClassifier, interface, providedBy(request.context)), IView)
    answer = view(request.context, request)
    assert answer.status_code == 201


def service_of(view: Callable[[Any], None]) -> Service:
    service = Service(name="after", path="/after")
    service.add_view("POST", view, permission=NO_PERMISSION_REQUIRED)
    return service


@pytest.mark.parametrize("write", [by_copy, by_subrequest_of_ours, by_methods, by_view])
def test_a_view_that_fails_after_others_have_written_undoes_it(
    make: Callable[..., App], write: Callable[[Any], None]
) -> None:
    def view(request: Any) -> None:
        write(request)
        raise HTTPConflict

    app = make(lambda config: config.add_cornice_service(service_of(view)))

    answer = app.send("POST", "/v1/after")

    assert (answer.status_code, app.stored()) == (409, [])


def test_a_batch_that_fails_leaves_nothing(make: Callable[..., App]) -> None:
    def view(request: Any) -> None:
        raise RuntimeError

    app = make(lambda config: config.add_cornice_service(service_of(view)))
    item = {"method": "POST", "path": "/plains", "body": {"data": {}}}
    broken = {**item, "path": "/after"}

    answer = app.client.post_json("/v1/batch", {"requests": [item, broken]}, status=500)

    assert (answer.json["code"], app.stored()) == (500, [])


def test_a_write_in_a_transaction_from_outside_is_left_to_who_began_it(make: Callable[..., App]) -> None:
    app = make()
    environ: dict[str, Any] = {}
    manager = environ["tm.manager"] = OnDemand(environ)
    manager.begin()

    app.client.post_json(PLAINS, {"data": {}}, extra_environ={**environ, "tm.active": True}, status=201)
    manager.abort()

    assert app.stored() == []


# Writes that are lasting at once


class Metrics:
    """Client of metrics that measures nothing."""

    def timer(self, key: str) -> AbstractContextManager[None]:
        return nullcontext()

    def count(self, key: str, count: int = 1, unique: str | None = None) -> None:
        pass


@pytest.mark.parametrize("setup", [id, lambda config: measure(config, Metrics())], ids=["", "measured"])
def test_a_write_is_lasting_before_it_is_told_of(make: Callable[..., App], setup: Setup) -> None:
    def name(request: Any) -> str:
        # Who tells of a write asks for it.
        seen.append(len(app.stored()))
        return "plain"

    def setup_all(config: Any) -> None:
        setup(config)
        config.add_request_method(name, "current_resource_name", property=True)

    seen: list[int] = []
    app = make(setup_all)
    record = app.create()
    for method, path in (
        ("PUT", f"{PLAINS}/{UUID}"),
        ("PATCH", record),
        ("DELETE", record),
        ("DELETE", PLAINS),
    ):
        app.send(method, path, headers={})

    assert list(dict.fromkeys(seen)) == [1, 2, 0] or seen == [1, 2, 2, 1, 0]


def test_who_is_told_after_the_commit_is_told_once(make: Callable[..., App]) -> None:
    def listen(event: Any) -> None:
        told.append((event.payload["action"], len(app.stored())))

    told: list[Any] = []
    app = make(lambda config: config.add_subscriber(listen, AfterResourceChanged))

    path = app.create()
    for method in ("PUT", "PATCH", "DELETE"):
        app.send(method, path, headers={})

    # There was nothing to change.
    assert told == [("create", 1), ("update", 1), ("delete", 0)]


def test_a_write_that_was_in_the_way_of_others_is_done_once(make: Callable[..., App]) -> None:
    app = make()
    failures = [TransientBackendError(message="deadlock") for _ in range(2)]

    def interfere(statement: str) -> None:
        if "INSERT" in statement and failures:
            raise failures.pop()

    app.registry.storage.database.on_statement = interfere

    app.create()

    assert (len(app.stored()), failures) == (1, [])


def test_a_write_that_is_in_the_way_of_others_all_the_time_is_given_up(make: Callable[..., App]) -> None:
    app = make()

    def interfere(statement: str) -> None:
        if "INSERT" in statement:
            raise TransientBackendError(message="deadlock")

    app.registry.storage.database.on_statement = interfere

    answer = app.send("POST", PLAINS)

    assert (answer.status_code, app.stored()) == (503, [])


STRICTLY = "options=-c%20default_transaction_isolation%3Dserializable"


@pytest.mark.parametrize("option", ["", STRICTLY], ids=["loose", "strict"])
def test_each_success_of_writers_of_one_record_is_one_write(postgresql_url: str, option: str) -> None:
    told: list[dict[str, Any]] = []

    def listen(event: Any) -> None:
        told.extend(event.impacted_records)

    url = f"{postgresql_url}{'&' if '?' in postgresql_url else '?'}{option}" if option else postgresql_url
    settings = {"storage_backend": "cliquet_like.storage.postgresql", "storage_url": url}
    app = App(settings, lambda config: config.add_subscriber(listen, AfterResourceChanged))

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: app.send("PUT", f"{PLAINS}/{UUID}", headers={}), range(40)))
    stored = app.stored()
    app.registry.storage.database.close()

    # Who is in the way of others too often is told to come back later.
    successes = [answer.json["data"] for answer in answers if answer.status_code != 503]
    in_order = sorted(successes, key=lambda record: record["last_modified"])
    told.sort(key=lambda change: change["new"]["last_modified"])
    assert [change["new"] for change in told] == in_order
    assert [change.get("old") for change in told] == [None, *in_order[:-1]]
    assert [row[2] for row in stored] == [in_order[-1]["last_modified"]]
