"""Who may call a private service."""

import base64
import sys
import types

import pytest
from pyramid.httpexceptions import HTTPUnauthorized

from cliquet_like import Service
from cliquet_like.authorization import PRIVATE
from cliquet_like.testing.app import make_client
from tests.support import ALICE, application, open_service, raising


def private():
    service = Service(name="private", path="/private")
    service.add_view("GET", lambda request: [request.prefixed_userid, request.authn_type], permission=PRIVATE)
    return service


@pytest.fixture
def app():
    return application(services=[private()])


@pytest.fixture
def module():
    made = types.ModuleType("shelf_policies")
    sys.modules["shelf_policies"] = made
    yield made
    del sys.modules["shelf_policies"]


def test_nobody_is_asked_to_authenticate(app):
    response = app.get("/v1/private", status=401)

    assert response.json == {
        "code": 401,
        "errno": 104,
        "error": "Unauthorized",
        "message": "Please authenticate yourself to use this endpoint.",
    }
    assert response.headers["WWW-Authenticate"] == 'Basic realm="Realm"'


@pytest.mark.parametrize(
    "header",
    [
        "Carrier abc",
        "Basic",
        "Basic !!!",
        "Basic caf\xe9",
        "Basic " + base64.b64encode(b"a\0b:c").decode(),
        "Basic " + base64.b64encode(b":secret").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe").decode(),
    ],
)
def test_credentials_that_are_none_are_nobody(app, header):
    assert app.get("/v1/private", headers={"Authorization": header}, status=401).json["errno"] == 104


def test_any_credentials_are_somebody(app):
    userid, policy = app.get("/v1/private", headers=ALICE).json

    assert userid.startswith("basicauth:")
    assert policy == "basicauth"


def test_the_prefix_is_the_policy_s_name_in_the_settings():
    settings = {
        "multiauth.policies": ["odd"],
        "multiauth.policy.odd.use": "cliquet_like.authentication.BasicAuthAuthenticationPolicy",
        "multiauth.policy.odd.realm": "Shelf",
    }
    app = application(settings, services=[private()])

    assert app.get("/v1/private", headers=ALICE).json[1] == "odd"
    assert app.get("/v1/private", status=401).headers["WWW-Authenticate"] == 'Basic realm="Shelf"'


def test_the_settings_are_left_as_they_were_written():
    app = application()

    groupfinder = app.app.registry.settings["multiauth.groupfinder"]

    assert groupfinder == "cliquet_like.authorization.groupfinder"


def test_two_applications_have_their_own_secret():
    one, two = (
        application(services=[private()]),
        application({"userid_hmac_secret": "other"}, services=[private()]),
    )

    ids = {app.get("/v1/private", headers=ALICE).json[0] for app in (one, two)}

    assert len(ids) == 2


def test_a_refused_user_leaves_no_trace(module):
    module.refuse = lambda userid, request: None
    who = open_service(lambda request: [request.prefixed_userid, request.prefixed_userid, request.authn_type])
    app = application({"multiauth.groupfinder": "shelf_policies.refuse"}, services=[private(), who])

    assert app.get("/v1/thing", headers=ALICE).json == [None, None, None]
    assert "user" not in app.get("/v1/", headers=ALICE).json
    assert app.get("/v1/private", headers=ALICE, status=401).json["errno"] == 104


def test_whoever_is_authenticated_but_refused_is_forbidden(module):
    class Closed:
        def permits(self, context, principals, permission):
            return False

    module.Closed = Closed
    app = application({"multiauth.authorization_policy": "shelf_policies.Closed"}, services=[private()])

    response = app.get("/v1/private", headers=ALICE, status=403)

    assert response.json == {
        "code": 403,
        "errno": 121,
        "error": "Forbidden",
        "message": "This user cannot access this resource.",
    }
    assert "WWW-Authenticate" not in response.headers


def test_a_401_of_a_view_may_ask_in_its_own_way():
    exception = HTTPUnauthorized(headers=[("WWW-Authenticate", "Own")])

    response = application(services=[raising(exception)]).get("/v1/thing", status=401)

    assert response.headers.getall("WWW-Authenticate") == ["Own"]


def test_a_policy_may_come_from_the_environment_altogether(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIQUET_LIKE_MULTIAUTH_POLICIES", "mine")
    monkeypatch.setenv(
        "CLIQUET_LIKE_MULTIAUTH_POLICY_MINE_USE", "cliquet_like.authentication.BasicAuthAuthenticationPolicy"
    )
    monkeypatch.setenv("CLIQUET_LIKE_MULTIAUTH_POLICY_MINE_REALM", "Shelf")

    client = make_client("tests.resources.notes")

    assert client.get("/v1/").json["user"]["id"].startswith("mine:")
    assert (
        make_client("tests.resources.notes", user=None)
        .get("/v1/notes", status=401)
        .headers["WWW-Authenticate"]
        == 'Basic realm="Shelf"'
    )
