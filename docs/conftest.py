"""Runs the examples of every page here, in the order of the page, as a reader would.

* A Python, INI or JSON block with a caption is a file that the reader saves under that name; the
  application starts anew from ``development.ini``, and what was in memory is gone.
* A console block is a session: its ``curl`` lines, and the importer, are run against that
  application, or against the example on a page that saves none; ``waitress-serve MODULE:VARIABLE``
  chooses an application of a saved file. Other commands are not run.
* Another Python block, or a doctest, runs in a namespace that the page shares.

What differs on each run, an id or a timestamp, is compared as ``tests/reader.py`` says.
"""

import doctest

from sybil import Sybil
from sybil.parsers.myst import CodeBlockParser, DocTestDirectiveParser, PythonCodeBlockParser, SkipParser

from tests.reader import Reader, files_first, run_console, skip

pytest_collect_file = Sybil(
    parsers=[
        files_first(PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS)),
        files_first(CodeBlockParser("ini", skip)),
        files_first(CodeBlockParser("json", skip)),
        CodeBlockParser("console", run_console),
        DocTestDirectiveParser(optionflags=doctest.ELLIPSIS),
        SkipParser(),
    ],
    patterns=["*.md"],
    excludes=["_build/*", "changes/*"],
    setup=lambda namespace: namespace.update(reader=Reader()),
    teardown=lambda namespace: namespace["reader"].leave(),
).pytest()
