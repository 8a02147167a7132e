"""Runs the examples of every page here, in the order of the page, as a reader would.

* A Python, INI, JSON or SQL block with a caption is a file that the reader saves under that name; the
  application starts anew. INI without a caption are settings that some application takes.
* A console block is a session. ``waitress-serve MODULE:VARIABLE`` and ``pserve FILE.ini`` choose the
  application among the saved files (without them it is ``development.ini``), ``make serve`` the example,
  which is also that of a page that saves none; each has a database of its own. The lines of ``curl``, the
  importer, ``cliquet-like`` and ``psql`` are run. Other commands are not.
* Another Python block, or a doctest, runs in a namespace that the page shares.

What differs on each run, an id or a timestamp, is compared as ``tests/reader.py`` says.
"""

import doctest
import os
from contextlib import ExitStack

import pytest
from sybil import Sybil
from sybil.parsers.myst import CodeBlockParser, DocTestDirectiveParser, PythonCodeBlockParser, SkipParser

from tests.reader import Reader, files_first, run_console, skip, take_settings
from tests.server_host import ROOT_VARIABLE, hosting


def pytest_configure(config: pytest.Config) -> None:
    """Begin to own servers, unless somebody does: a worker's session, or the tests beside the docs."""
    if ROOT_VARIABLE not in os.environ:
        owned = ExitStack()
        config.add_cleanup(owned.close)
        owned.enter_context(hosting())


pytest_collect_file = Sybil(
    parsers=[
        files_first(PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS)),
        files_first(CodeBlockParser("ini", take_settings)),
        files_first(CodeBlockParser("json", skip)),
        files_first(CodeBlockParser("sql", skip)),
        CodeBlockParser("console", run_console),
        DocTestDirectiveParser(optionflags=doctest.ELLIPSIS),
        SkipParser(),
    ],
    patterns=["*.md"],
    excludes=["_build/*", "changes/*"],
    setup=lambda namespace: namespace.update(reader=Reader()),
    teardown=lambda namespace: namespace["reader"].leave(),
).pytest()
