"""Errors are reported by raven, with the section of an ``.ini`` file that Cliquet's users have.

Raven has had no release since 2018: it runs in a process of its own, where its warnings are nobody's.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.operations.receiving import receiving

pytest.importorskip("raven", reason="the extra monitoring is not installed")

ROOT = Path(__file__).parents[2]
WORD = "hush-" + "0123456789"

SERVICE = """
from pyramid.config import Configurator
import cliquet_like
from tests.support import SETTINGS, raising

class Unlucky(Exception):
    pass

def main(global_config, **settings):
    config = Configurator(settings={**SETTINGS, **settings})
    cliquet_like.initialize(config, version="1.0", project_name="shelf")
    config.add_cornice_service(raising(Unlucky()))
    return cliquet_like.install_middlewares(config.make_wsgi_app())
"""

INI = """
[app:main]
use = call:unlucky:main

[loggers]
keys = root

[handlers]
keys = console, sentry

[formatters]
keys = generic

[logger_root]
level = INFO
handlers = console, sentry

[handler_console]
class = StreamHandler
args = (sys.stderr,)
level = NOTSET
formatter = generic

[handler_sentry]
class = raven.handlers.logging.SentryHandler
args = ('{dsn}',)
level = WARNING
formatter = generic
{kwargs}

[formatter_generic]
format = %(asctime)s,%(msecs)03d %(levelname)-5.5s [%(name)s] %(message)s
"""

DISCREET = "kwargs = {'capture_locals': False, 'enable_breadcrumbs': False, 'name': 'shelf'}"

# What pserve does with the file, and one request.
PSERVE = """
import os, sys
from pyramid.paster import get_app, setup_logging
from webtest import TestApp

setup_logging(sys.argv[1])
client = TestApp(get_app(sys.argv[1]))
word = os.environ["WORD"]
client.get(f"/v1/?text={word}")
client.get(f"/v1/thing?_token={word}", status=500, headers={
    "Authorization": f"Bearer {word}", "Cookie": f"session={word}", "User-Agent": "curl"})
"""


@pytest.fixture
def receiver():
    with receiving() as made:
        yield made


@pytest.fixture
def report(tmp_path, receiver):
    """Serves one request that fails; the process ends when its reports are sent."""

    def serve(kwargs=""):
        (tmp_path / "unlucky.py").write_text(SERVICE)
        ini = tmp_path / "shelf.ini"
        ini.write_text(INI.format(dsn=receiver.dsn, kwargs=kwargs))
        path = f"{tmp_path}{os.pathsep}{ROOT}"
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": "ignore", "WORD": WORD}
        command = [sys.executable, "-c", PSERVE, str(ini)]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return receiver.wait_for(1)[0]

    return serve


def test_raven_reports_with_the_section_that_cliquet_documented(report):
    event = report()

    (raised,) = event["exception"]["values"]
    assert raised["type"] == "Unlucky"
    assert raised["stacktrace"]["frames"][-1]["function"] == "view"
    assert event["logger"] == "cliquet_like"


def test_raven_can_be_told_to_keep_the_request_to_itself(report, receiver):
    event = report(DISCREET)

    (raised,) = event["exception"]["values"]
    assert all("vars" not in frame for frame in raised["stacktrace"]["frames"])
    assert event["server_name"] == "shelf"
    assert WORD.encode() not in receiver.bodies[0]
