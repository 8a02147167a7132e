"""No secret is written to a log: at no level, by no logger, whatever is asked for."""

import base64
import json
import logging
from functools import cache

import pytest
from webob import Request

from cliquet_like.logs import logger
from tests.support import application, open_service

PASSWORD = "hunter2-hunter2"
BASIC = base64.b64encode(f"ada:{PASSWORD}".encode()).decode()
SESSION = "c00kie-c00kie"
BEARER = "be4rer-be4rer.be4rer"
IN_URL = "p4ss-p4ss"
PARAMETER = "par4m-par4m"
OF_USERS = "hm4c-hm4c"
SECRETS = (PASSWORD, BASIC, SESSION, BEARER, IN_URL, PARAMETER, OF_USERS)

RENDERERS = ("ClassicLogRenderer", "JSONLogRenderer", "MozillaHekaRenderer")
UNREACHABLE = {
    "redis": f"redis://:{IN_URL}@127.0.0.1:1/0",
    "postgresql": f"postgresql://ada:{IN_URL}@127.0.0.1:1/shelf",
}
SENT = {
    "Authorization": f"Basic {BASIC}",
    "Cookie": f"session={SESSION}",
    "Content-Type": "application/json",
    "X-Api-Key": PARAMETER,
}
RECORD = "/v1/notes/6ba7b810-9dad-41d1-80b4-00c04fd430c8"
NOTE = {"data": {"text": "sesame", "password": PASSWORD}}
BATCH = {
    "requests": [
        {"path": "/notes", "headers": {"Authorization": f"Bearer {BEARER}", "Cookie": f"a={SESSION}"}},
        {"path": f"/notes?_token={PARAMETER}", "headers": {"Authorization": f"Basic {BASIC}"}},
        {"path": "/notes", "method": "POST", "body": NOTE},
        {"path": "/nowhere", "headers": {"Authorization": f"token {BEARER}"}},
    ]
}
REQUESTS = {
    "create": ("PUT", RECORD, NOTE, 201),
    "create in collection": ("POST", "/v1/notes", NOTE, 201),
    "read": ("GET", RECORD, None, 404),
    "change": ("PATCH", RECORD, NOTE, 404),
    "delete": ("DELETE", RECORD, None, 404),
    "empty": ("DELETE", f"/v1/notes?access_token={PARAMETER}", None, 200),
    "list": ("GET", "/v1/notes?_limit=1", None, 200),
    "page": ("GET", f"/v1/notes?_limit=1&_token={PARAMETER}", None, 400),
    "address": ("GET", f"/v1/notes?text=redis%3A%2F%2F%3A{IN_URL}%40host%2F0", None, 200),
    "code": ("GET", f"/v1/nowhere?code={PARAMETER}&state={PARAMETER}", None, 404),
    "redirect": ("GET", f"/notes?_token={PARAMETER}", None, 307),
    "batch": ("POST", "/v1/batch", BATCH, 200),
    "wrong batch": ("POST", "/v1/batch", {"requests": [{"headers": {"Authorization": BEARER}}]}, 400),
    "wrong JSON": ("POST", "/v1/notes", f'{{"password": "{PASSWORD}', 400),
    "method": ("PUT", f"/v1/notes?token={PARAMETER}", NOTE, 405),
    "forbidden": ("POST", "/v1/toadstools", NOTE, 403),
    "raising": ("GET", f"/v1/raising?password={PARAMETER}", None, 500),
    "logging": ("GET", f"/v1/logging?client_secret={PARAMETER}", None, 200),
    "heartbeat": ("GET", "/v1/__heartbeat__", None, 200),
    "preflight": ("OPTIONS", f"/v1/notes?_token={PARAMETER}", None, 204),
}


def raising(request):
    header = request.headers["Authorization"]
    try:
        raise LookupError(header)
    except LookupError as error:
        raise RuntimeError(f"nobody is {header!r} on redis://:{IN_URL}@127.0.0.1:1/0") from error


def logging_much(request):
    headers = dict(request.headers)
    logger.debug("asked", headers=headers, url=request.url, cookies=dict(request.cookies))
    logger.debug("asked", headers=list(headers.items()), raw=[(b"X-Api-Key", PARAMETER.encode())])
    logger.debug(f"asked for {json.dumps({'filter': json.dumps({'token': [PARAMETER]})})}")
    logger.debug(f"asked with {headers['Authorization']}", sent=[headers], body=request.body)
    return {}


@pytest.fixture(params=RENDERERS)
def settings(request):
    return {
        "logging_renderer": f"cliquet_like.logs.{request.param}",
        "permission_backend": "cliquet_like.permission.memory",
        "userid_hmac_secret": OF_USERS,
    }


def shelf(settings):
    return _shelf(tuple(settings.items()))


@cache
def _shelf(settings):
    services = [open_service(raising, path="/raising"), open_service(logging_much, path="/logging")]
    return application(
        dict(settings), services=services, setup=lambda config: config.scan("tests.resources")
    ).app


def send(app, method, path, body, headers=SENT):
    """Answer to a request; a body is JSON unless it is text."""
    text = body if isinstance(body, str) else json.dumps(body)
    content = {} if body is None else {"body": text.encode()}
    return Request.blank(path, method=method, headers=headers, **content).get_response(app)


def assert_no_secret(text):
    assert {secret for secret in SECRETS if secret in text} == set()


@pytest.mark.parametrize(("method", "path", "body", "status"), REQUESTS.values(), ids=REQUESTS)
def test_a_request_writes_no_secret(settings, caplog, method, path, body, status):
    caplog.set_level(logging.DEBUG)
    app = shelf(settings)
    app.registry.storage.flush()

    answer = send(app, method, path, body)

    assert answer.status_code == status
    assert "request.summary" in caplog.text
    assert_no_secret(caplog.text)
    assert_no_secret("".join(caplog.messages))


@pytest.mark.parametrize("header", [f"Bearer {BEARER}", f"Basic {PASSWORD}", PASSWORD, None])
def test_credentials_that_nobody_takes_are_not_written(settings, caplog, header):
    caplog.set_level(logging.DEBUG)
    headers = {} if header is None else {"Authorization": header}

    answer = send(shelf(settings), "GET", "/v1/notes", None, headers)

    assert answer.status_code == 401
    assert "request.summary" in caplog.text
    assert_no_secret(caplog.text)


ELSEWHERE = {
    "path": {"PATH_INFO": f"/v1/notes/_token={PARAMETER}"},
    "path, encoded": {"PATH_INFO": f"/v1/notes/_token%3D{PARAMETER}"},
    "path with a URL": {"PATH_INFO": f"/v1/redis://:{IN_URL}@host/0"},
    "path of the server": {"SCRIPT_NAME": f"/;sid={PARAMETER}", "PATH_INFO": "/v1/"},
    "agent": {"HTTP_USER_AGENT": f"curl Bearer {BEARER}"},
    "agent with a URL": {"HTTP_USER_AGENT": f"crawler (+http://ada:{IN_URL}@host/)"},
    "agent, cut": {"HTTP_USER_AGENT": f"{'a' * 235} http://ada:{IN_URL}@host/"},
    "agent with Hawk": {"HTTP_USER_AGENT": f'Hawk id="dh37", ts="1", mac="{PARAMETER}"'},
    "agent with Digest, encoded": {"HTTP_USER_AGENT": f"Digest%20a=%22b%22,%20response=%22{PARAMETER}%22"},
    "language": {"HTTP_ACCEPT_LANGUAGE": f"fr;password={PASSWORD}"},
    "id": {"HTTP_X_REQUEST_ID": f"token:{PARAMETER}"},
    "id with credentials": {"HTTP_X_REQUEST_ID": f"Bearer/{BEARER}"},
    "id with credentials, plus": {"HTTP_X_REQUEST_ID": f"a/Basic+{BEARER}"},
    "query, cut": {"QUERY_STRING": f"a={'a' * 2020}&url=http%3A%2F%2Fada%3A{IN_URL}%40host"},
    "query, name cut": {"QUERY_STRING": f"a={'a' * 2035}&access_token={PARAMETER}"},
    "method": {"REQUEST_METHOD": f"TOKEN={PARAMETER}"},
}


@pytest.mark.parametrize("environ", ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_secret_in_a_place_that_has_none_is_not_written(settings, caplog, environ):
    caplog.set_level(logging.DEBUG)

    Request.blank("/v1/notes", environ={**environ}).get_response(shelf(settings))

    assert "request.summary" in caplog.text
    assert not any(secret[:5] in caplog.text for secret in SECRETS)


@pytest.mark.parametrize(
    "header",
    [
        f'Hawk id="dh37", ts="1", mac="{PARAMETER}"',
        f'Digest username="ada", qop=auth, response="{PARAMETER}"',
        f"Token {PARAMETER}",
        f"Negotiate {PARAMETER}==",
        f"http://127.0.0.1:9102/v1/boom?how=url&code={PARAMETER}",
    ],
    ids=["hawk", "digest", "token", "negotiate", "url"],
)
def test_credentials_that_an_exception_tells_are_not_written(settings, caplog, header):
    caplog.set_level(logging.DEBUG)

    answer = send(shelf(settings), "GET", "/v1/raising", None, {"Authorization": header})

    assert answer.status_code == 500
    assert "RuntimeError" in caplog.text
    assert_no_secret(caplog.text)


@pytest.mark.parametrize("kind", UNREACHABLE)
@pytest.mark.parametrize("path", ["/v1/notes", "/v1/toadstools", "/v1/__heartbeat__"])
def test_a_server_that_is_away_leaves_its_password_unwritten(settings, caplog, kind, path):
    caplog.set_level(logging.DEBUG)
    for name in ("storage", "cache", "permission"):
        settings |= {f"{name}_backend": f"cliquet_like.{name}.{kind}", f"{name}_url": UNREACHABLE[kind]}
    app = shelf(settings)

    answer = send(app, "GET", path, None)

    assert answer.status_code == 503
    assert "request.summary" in caplog.text
    assert_no_secret(caplog.text)


def test_what_is_written_instead_says_that_something_was_there(settings, caplog):
    caplog.set_level(logging.DEBUG)
    app = shelf(settings)

    send(app, "GET", f"/v1/raising?password={PARAMETER}", None)
    send(app, "GET", "/v1/logging", None)

    assert "redis://:***@127.0.0.1:1/0" in caplog.text
    assert "password=***" in caplog.text
    assert "asked with Basic ***" in caplog.text


def test_the_search_finds_a_secret_that_is_written(caplog):
    caplog.set_level(logging.DEBUG)

    logging.getLogger("another").debug("sent %s", BASIC)

    with pytest.raises(AssertionError):
        assert_no_secret(caplog.text)
