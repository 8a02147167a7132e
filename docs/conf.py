"""Sphinx configuration. `make docs` builds with warnings as errors and needs no network."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
# The clone itself is documented, whatever is installed.
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]

from cliquet_like.kernel.version import __version__  # noqa: E402 - found by the line above

project = "cliquet_like"
author = "The cliquet_like authors"
release = __version__
version = ".".join(__version__.split(".")[:2])

extensions = ["myst_parser", "sphinx.ext.autodoc", "generated"]
exclude_patterns = ["_build", "_ext", "changes"]

myst_heading_anchors = 3
myst_enable_extensions = ["deflist", "fieldlist"]

autodoc_member_order = "bysource"
autodoc_typehints = "description"

html_theme = "furo"
html_title = f"cliquet_like {release}"
html_static_path = ["_static"]
