"""What `make serve-fxa` runs: the example, a stand-in for the accounts, and one Ctrl-C for both."""

import re
import runpy
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from urllib.parse import quote, urlsplit

import pytest
import requests
from webtest import TestApp

from example.fxa import HERE, main

pytestmark = pytest.mark.once

ROOT = HERE.parents[1]
WAIT_S = 30
served = []


def sign_in(service):
    """Where a browser is in the end, for the service at an address."""
    with requests.Session() as browser:
        back = quote(service + "/#token=", safe="")
        form = browser.get(f"{service}/v1/fxa-oauth/login?redirect={back}", timeout=10)
        return browser.post(form.url, data={"email": "ada@example.org"}, timeout=10).url


def wait_for(port):
    """Return when somebody listens: the program says its address just before that."""
    deadline_s = time.monotonic() + WAIT_S
    while time.monotonic() < deadline_s:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=10).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
    raise TimeoutError(f"nobody listens on port {port}")


def make_server(global_config, host, port):
    """Server for an ``.ini`` file that takes its port, asks once and ends."""

    def run(app):
        socket.create_server((host, int(port))).close()
        hello = TestApp(app).get("/v1/").json
        alive = TestApp(app).get("/v1/__heartbeat__").json
        served.append((hello["capabilities"]["fxa"]["relier"], alive["oauth"]))

    return run


@pytest.fixture
def port():
    """A free one, for the moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@pytest.fixture
def ini(tmp_path, port):
    """The file of the example without its console, and with another server."""
    application = (HERE / "fxa.ini").read_text(encoding="utf-8").partition("[server:main]")[0]
    path = tmp_path / "fxa.ini"
    path.write_text(
        application + "[server:main]\nuse = call:tests.fxa.test_serve_fxa:make_server\n"
        f"host = 127.0.0.1\nport = {port}\n",
        encoding="utf-8",
    )
    return path


def run_module(monkeypatch, *arguments):
    """Exit code of the program."""
    monkeypatch.setattr(sys, "argv", ["example.fxa", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        runpy.run_module("example.fxa", run_name="__main__", alter_sys=False)
    return end.value.code


def test_the_service_knows_its_accounts_server(ini, port, monkeypatch, capsys):
    served.clear()

    code = run_module(monkeypatch, ini)

    assert (code, served) == (0, [(True, True)])
    told = capsys.readouterr().out
    assert f"Open http://127.0.0.1:{port}/ in a browser (Ctrl-C stops)." in told
    accounts = re.search(r"http://127\.0\.0\.1:\d+/v1", told)[0]
    with pytest.raises(requests.ConnectionError):
        requests.get(accounts + "/__heartbeat__", timeout=10)


def test_a_port_that_is_taken_is_told_and_nothing_else(ini, port, monkeypatch, capsys):
    with socket.create_server(("127.0.0.1", port)):
        code = run_module(monkeypatch, ini)

    reason = "the port is taken by another program, stop it first"
    assert code == 1
    assert capsys.readouterr() == ("", f"Cannot serve on http://127.0.0.1:{port}: {reason}.\n")


def test_an_address_of_another_machine_is_told(ini, port, monkeypatch, capsys):
    # RFC 5737: for documentation, and of no machine.
    ini.write_text(ini.read_text(encoding="utf-8").replace("host = 127.0.0.1", "host = 192.0.2.1"))

    code = run_module(monkeypatch, ini)

    out, err = capsys.readouterr()
    assert (code, out) == (1, "")
    assert err.startswith(f"Cannot serve on http://192.0.2.1:{port}: Cannot assign requested address")


@pytest.mark.parametrize("mount", ["", "/shelf", "/a b"])
@pytest.mark.parametrize(
    ("path", "kind"),
    [("/", "text/html"), ("/page.css", "text/css"), ("/page.js", "text/javascript")],
)
def test_the_page_may_run_its_own_script_only(path, kind, mount):
    settings = {"cliquet_like.storage_backend": "cliquet_like.storage.memory", "userid_hmac_secret": "tests"}

    answer = TestApp(main({}, **settings)).get(path, extra_environ={"SCRIPT_NAME": mount})

    assert answer.content_type == kind
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in policy


def last_words(run):
    """Standard error of a program that is about to end; of one that hangs, with where each thread is."""
    try:
        return run.communicate(timeout=WAIT_S)[1]
    except subprocess.TimeoutExpired:
        run.send_signal(signal.SIGABRT)
        return run.communicate(timeout=WAIT_S)[1]


@pytest.fixture(params=[signal.default_int_handler, signal.SIG_IGN], ids=["foreground", "background"])
def started_in(request):
    """What programs inherit from a shell: in the background, without job control, they ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, request.param)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("started_in")
def test_ctrl_c_stops_both(tmp_path, port):
    ini = tmp_path / "fxa.ini"
    shutil.copy(HERE / "fxa.ini", ini)
    ini.write_text(ini.read_text(encoding="utf-8").replace("8889", str(port)), encoding="utf-8")
    command = [sys.executable, "-X", "faulthandler", "-W", "ignore", "-m", "example.fxa", str(ini)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        try:
            assert select.select([run.stdout], [], [], WAIT_S)[0], "nothing was said in time"
            run.stdout.readline()
            accounts = urlsplit(re.search(r"http://\S+/v1", run.stdout.readline())[0])

            wait_for(port)
            end = sign_in(f"http://127.0.0.1:{port}")
            run.send_signal(signal.SIGINT)
            log = last_words(run)
        finally:
            run.kill()

    assert re.fullmatch(rf"http://127\.0\.0\.1:{port}/#token=[0-9a-f]{{64}}", end)
    assert run.returncode == 0, log
    for address in (accounts.port, port):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", address), timeout=10)
