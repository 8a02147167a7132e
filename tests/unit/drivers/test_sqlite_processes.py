import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from cliquet_like.drivers.sqlite.client import SQLite
from cliquet_like.drivers.sqlite.url import Location

PROCESSES = 8
TURNS = 40
ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.once

# Reads, waits and writes in one transaction: an update is lost unless the others wait.
INCREMENT = f"""
import sys, time
from cliquet_like.drivers.sqlite.client import SQLite
from cliquet_like.drivers.sqlite.url import Location

database = SQLite(Location(sys.argv[1]))
database.write("CREATE TABLE IF NOT EXISTS counter (value integer)")
for turn in range({TURNS}):
    with database.writing() as session:
        [(value,)] = session.run("SELECT coalesce(max(value), 0) FROM counter")
        time.sleep(0.001)
        session.run("DELETE FROM counter")
        session.run("INSERT INTO counter VALUES (?)", (value + 1,))
    database.read("SELECT value FROM counter")
    database.close()
"""


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "notes.db"
    path.touch()
    database = SQLite(Location(str(path)))
    yield database
    database.close()


def test_processes_that_write_at_once_lose_nothing_and_none_is_turned_away(database):
    command = [sys.executable, "-W", "ignore", "-c", INCREMENT, database.location.path]

    processes = [
        subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(PROCESSES)
    ]
    complaints = [process.communicate(timeout=120)[1] for process in processes]

    assert complaints == [""] * PROCESSES
    assert database.read("SELECT value FROM counter") == [(PROCESSES * TURNS,)]


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_process_opens_its_own_connections(database):
    database.write("CREATE TABLE notes (text text)")

    child = os.fork()
    if child == 0:
        try:
            inherited = _is_open(database.location.path)
            database.write("INSERT INTO notes VALUES (?)", (f"child, inherited: {inherited}",))
            database.close()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    database.write("INSERT INTO notes VALUES ('parent')")

    assert database.read("SELECT text FROM notes") == [("child, inherited: False",), ("parent",)]


def _is_open(path):
    wanted = os.stat(path)
    for descriptor in range(1024):
        with suppress(OSError):
            if os.path.samestat(os.fstat(descriptor), wanted):
                return True
    return False
