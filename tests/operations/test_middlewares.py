"""Middlewares around the application: New Relic, and a profiler that writes one file a request."""

import importlib
import pstats
import subprocess
import sys
import threading
import traceback
from pathlib import Path

import pytest
from pyramid.exceptions import ConfigurationError
from webtest import TestApp

from cliquet_like import install_middlewares
from cliquet_like.settings import DEFAULT_SETTINGS
from tests.support import application, open_service

ROOT = Path(__file__).parents[2]
LICENSE_KEY = "5ec3e7" * 6 + "5ec3"
NEWRELIC_INI = """
[newrelic]
app_name = shelf
license_key = 0000000000000000000000000000000000000000
developer_mode = true
monitor_mode = true
log_file = {directory}/agent.log

[newrelic:production]
app_name = shelves
"""


@pytest.fixture
def wrap(tmp_path):
    """Client of an application that the settings of the profiler wrap."""

    def make(*services, **settings):
        settings = {"profiler_enabled": True, "profiler_dir": str(tmp_path), **settings}
        return TestApp(install_middlewares(application(settings, services=services).app))

    return make


@pytest.mark.parametrize("settings", [{}, {"profiler_enabled": "false"}, {"newrelic_config": ""}])
def test_an_application_that_asks_for_nothing_is_left_as_it_is(settings):
    app = application(settings).app

    assert install_middlewares(app) is app
    assert install_middlewares(app, settings) is app


def test_settings_that_are_given_win_over_those_of_the_application(tmp_path):
    app = application({"profiler_enabled": True, "profiler_dir": str(tmp_path)}).app

    assert install_middlewares(app, {"profiler_enabled": "false"}) is app


def test_each_request_leaves_a_profile_that_names_it(wrap, tmp_path):
    client = wrap(open_service(lambda request: {"here": True}))

    answers = [client.get("/v1/thing").json, client.get("/v1/thing").json]
    client.get("/", status=307)

    assert answers == [{"here": True}] * 2
    names = sorted(path.name for path in tmp_path.iterdir())
    assert [name.split("ms.")[0].rpartition(".")[0] for name in names] == ["GET.root"] + ["GET.v1.thing"] * 2
    functions = [function for _, _, function in pstats.Stats(str(tmp_path / names[-1])).stats]
    assert "transport_tween_factory" not in functions
    assert "tween" in functions


@pytest.mark.parametrize("path", ["/v1/%00", "/v1/%FF", "/..%2F..%2Fetc", "/" + "long" * 1000, ""])
def test_no_path_leaves_its_profile_elsewhere(wrap, tmp_path, path):
    client = wrap(profiler_dir=str(tmp_path))

    client.get(path, expect_errors=True)

    (profile,) = tmp_path.rglob("*")
    assert pstats.Stats(str(profile)).total_calls > 0


def test_requests_at_the_same_time_are_profiled_one_after_the_other(wrap, tmp_path):
    inside, most = [], []

    def view(request):
        inside.append(request)
        most.append(len(inside))
        pause.wait(0.05)
        inside.pop()
        return {}

    pause = threading.Event()
    client = wrap(open_service(view))
    threads = [threading.Thread(target=client.get, args=("/v1/thing",)) for _ in range(4)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == [1, 1, 1, 1]
    assert len(list(tmp_path.iterdir())) == 4


@pytest.mark.parametrize("name", ["missing", "file", "nul\0"])
def test_a_directory_that_takes_no_file_is_an_error_at_start(wrap, tmp_path, name):
    (tmp_path / "file").touch()

    with pytest.raises(ConfigurationError, match=r"profiler_dir: '.*expected a directory") as raised:
        wrap(profiler_dir=f"{tmp_path}/{name}")

    assert repr(f"{tmp_path}/{name}") in str(raised.value)


@pytest.mark.parametrize("missing", [{}, {"profiler_dir": None}, {"profiler_dir": ""}], ids=repr)
def test_settings_without_a_directory_use_the_default(tmp_path, missing):
    wrapped = install_middlewares(application().app, {"profiler_enabled": True, **missing})

    TestApp(wrapped).get(f"/v1/{tmp_path.name}", status=404)

    profiles = list(Path(DEFAULT_SETTINGS["profiler_dir"]).glob(f"GET.v1.{tmp_path.name}.*.prof"))
    for profile in profiles:
        profile.unlink()
    assert len(profiles) == 1


def warnings_in(caplog):
    return [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]


def test_a_directory_that_is_removed_costs_no_request_and_is_logged_once(wrap, tmp_path, caplog):
    directory = tmp_path / "profiles"
    directory.mkdir()
    client = wrap(open_service(lambda request: {"here": True}), profiler_dir=str(directory))

    directory.rmdir()
    answers = [client.get("/v1/thing") for _ in range(3)]
    while_away = warnings_in(caplog)
    directory.mkdir()
    client.get("/v1/thing")
    written = [path.unlink() for path in directory.iterdir()]
    directory.rmdir()
    client.get("/v1/thing")

    assert [(answer.status_code, answer.json) for answer in answers] == [(200, {"here": True})] * 3
    assert len(while_away) == 1
    assert "profiles cannot be written" in while_away[0]
    assert str(directory) in while_away[0]
    assert len(written) == 1
    assert len(warnings_in(caplog)) == 2


def test_a_failure_of_the_application_is_not_taken_for_one_of_the_profiler(tmp_path, caplog):
    closed = []

    class Body:
        def __iter__(self):
            raise OSError("of the application")

        def close(self):
            closed.append(self)

    wrapped = install_middlewares(
        lambda environ, start_response: Body(), {"profiler_enabled": True, "profiler_dir": str(tmp_path)}
    )

    with pytest.raises(OSError, match="of the application"):
        wrapped({"REQUEST_METHOD": "GET"}, None)

    assert len(closed) == 1
    assert warnings_in(caplog) == []


@pytest.mark.parametrize(
    ("package", "settings", "message"),
    [
        ("newrelic", {"newrelic_config": "newrelic.ini"}, r"newrelic_config.*cliquet-like\[newrelic\]"),
        (
            "werkzeug.middleware.profiler",
            {"profiler_enabled": True},
            r"profiler_enabled.*cliquet-like\[monitoring\]",
        ),
    ],
    ids=["newrelic", "profiler"],
)
def test_a_missing_package_is_an_error_that_names_the_extra(monkeypatch, package, settings, message):
    app = application().app
    monkeypatch.setitem(sys.modules, package, None)

    with pytest.raises(ConfigurationError, match=message):
        install_middlewares(app, settings)


# What the tests below need of the agent, which instruments the whole process once it is started.
STAND_IN = """
import pathlib

def initialize(config_file, environment):
    if not pathlib.Path(config_file).exists():
        raise OSError("license_key = 5ec3e7")
    started.append((config_file, environment))

started = []

class WSGIApplicationWrapper:
    def __init__(self, wrapped):
        self.wrapped = wrapped
"""


@pytest.fixture
def agent(tmp_path, monkeypatch):
    """A module that is imported in place of the agent."""
    package = tmp_path / "modules" / "newrelic"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "agent.py").write_text(STAND_IN)
    for module in [name for name in sys.modules if name.partition(".")[0] == "newrelic"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.syspath_prepend(package.parent)
    yield importlib.import_module("newrelic.agent")
    del sys.modules["newrelic"], sys.modules["newrelic.agent"]


def test_new_relic_is_outside_of_the_profiler(agent, tmp_path):
    config = tmp_path / "newrelic.ini"
    config.write_text("[newrelic]\n")
    app = application(
        {"newrelic_config": str(config), "profiler_enabled": True, "profiler_dir": str(tmp_path)}
    ).app

    wrapped = install_middlewares(app)

    assert agent.started == [(str(config), "dev")]
    assert type(wrapped) is agent.WSGIApplicationWrapper
    assert TestApp(wrapped.wrapped).get("/v1/").status_code == 200
    assert len(list(tmp_path.glob("GET.v1.*.prof"))) == 1


def test_a_file_that_the_agent_refuses_is_an_error_at_start_that_quotes_nothing_of_it(agent):
    app = application({"newrelic_config": "nowhere.ini"}).app

    with pytest.raises(
        ConfigurationError, match=r"newrelic_config: 'nowhere.ini'.*OSError.*expected"
    ) as raised:
        install_middlewares(app)

    assert "5ec3e7" not in "".join(traceback.format_exception(raised.value))
    assert raised.value.__context__ is None


AGENT = """
import sys
from webtest import TestApp
from pyramid.exceptions import ConfigurationError
from cliquet_like import install_middlewares
from tests.support import application

settings = {"newrelic_config": sys.argv[1], "newrelic_env": sys.argv[2]}
app = application(settings, lint=False).app

def watched(environ, start_response):
    print(current_transaction().settings.app_name)
    return app(environ, start_response)

try:
    wrapped = install_middlewares(watched, settings)
except ConfigurationError as error:
    sys.exit(str(error))

from newrelic import agent
from newrelic.api.transaction import current_transaction

agent.register_application(timeout=30)
print(TestApp(wrapped, lint=False).get("/v1/").json["project_version"])
"""


def run_agent(config, env="production"):
    command = [sys.executable, "-W", "ignore", "-c", AGENT, str(config), env]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


@pytest.fixture
def newrelic_ini(tmp_path):
    """A file for the real agent, with which it sends nothing anywhere."""
    pytest.importorskip("newrelic")
    path = tmp_path / "newrelic.ini"
    path.write_text(NEWRELIC_INI.format(directory=tmp_path))
    return path


def test_new_relic_measures_the_requests_of_the_application(newrelic_ini):
    done = run_agent(newrelic_ini)

    assert done.stdout.split() == ["shelves", "1.0.3"], done.stderr


def test_new_relic_refuses_a_file_that_is_not_there(newrelic_ini):
    newrelic_ini.unlink()

    done = run_agent(newrelic_ini)

    assert done.returncode == 1
    assert done.stderr.startswith(f"Setting newrelic_config: {str(newrelic_ini)!r} cannot be used")


def test_new_relic_refuses_a_broken_file_without_a_word_of_it(newrelic_ini):
    newrelic_ini.write_text(f"license_key = {LICENSE_KEY}\n{NEWRELIC_INI}")

    done = run_agent(newrelic_ini)

    assert done.returncode == 1
    assert "MissingSectionHeaderError" in done.stderr
    assert LICENSE_KEY not in done.stderr
