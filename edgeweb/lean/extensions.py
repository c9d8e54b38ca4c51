"""What the commonest extensions of Flask, and the packages that they stand on, import and rarely use.

Programs on Flask's name get these rows: extensions import `flask`. The rules are those of
:mod:`edgeweb.lean`. What the rows save together is measured by `scripts/programs`;
`EDGEWEB_LEAN=-NAME` leaves a package alone.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from os import listdir

from .lazy import import_module

# SQLAlchemy finds the driver that the address of a database names as an attribute of a package.
_DRIVERS = {
    "mssql": "aioodbc mssqlpython pymssql",
    "mysql": "aiomysql asyncmy cymysql mariadbconnector mysqlconnector pymysql pyodbc",
    "oracle": "cx_oracle",
    "postgresql": "asyncpg pg8000 psycopg2cffi",
    "sqlite": "aiosqlite pysqlcipher",
}

DEFERRED: dict[str, str] = {
    "apispec.yaml_utils": "yaml",
    "flask_appbuilder.api": "jsonschema",
    # For __version__: email and zipfile, a megabyte.
    "flask_cors": "importlib.metadata",
    # The test client of Flask.
    "flask_login": "flask_login.test_client",
    # ssl and http.client, for programs with a captcha.
    "flask_wtf.recaptcha.validators": "urllib.request",
    # ssl and http.client, for programs that get keys from a server.
    "jwt": "jwt.jwks_client",
    # The same storages a second time, for asyncio.
    "limits": "limits.aio",
    "sqlalchemy.connectors.asyncio": "asyncio",
    **{
        f"sqlalchemy.dialects.{name}": " ".join(
            f"sqlalchemy.dialects.{name}.{one}" for one in drivers.split()
        )
        for name, drivers in _DRIVERS.items()
    },
    "sqlalchemy.util.compat": "asyncio importlib.metadata",
    "sqlalchemy.util.concurrency": "asyncio",
    "sqlalchemy.util.queue": "asyncio",
    "sqlalchemy_utils.asserts": "sqlalchemy.dialects.postgresql",
    "sqlalchemy_utils.types.password": " ".join(f"sqlalchemy.dialects.{name}" for name in _DRIVERS),
    "sqlalchemy_utils.types.uuid": " ".join(f"sqlalchemy.dialects.{name}" for name in _DRIVERS),
    "wrapt.synchronization": "asyncio",
    "wtforms.validators": "ipaddress uuid",
}


def _version(distribution: str) -> str:
    """Return what ``importlib.metadata.version`` does, without ``email`` and ``zipfile``."""
    wanted = distribution.replace("-", "_").replace(".", "_").lower()
    for folder in sys.path:
        try:
            names = listdir(folder or ".")
        except FileNotFoundError:
            continue
        except OSError:  # an archive: only the real one looks inside
            break
        for name in names:
            if name.endswith(".dist-info") and name.partition("-")[0].replace(".", "_").lower() == wanted:
                with suppress(OSError), open(f"{folder or '.'}/{name}/METADATA", encoding="utf-8") as lines:
                    for line in lines:
                        if line.startswith("Version:"):
                            return line[8:].strip()
    version: str = import_module("importlib.metadata").version(distribution)
    return version


# As `SHORT_CUTS` of `lazy`: what is used while a module is loaded.
SHORT_CUTS: dict[str, object] = {
    "asyncio.iscoroutine": lambda found: import_module("asyncio").iscoroutine(found),
    # Its base class, which catches it, too.
    "importlib.metadata.PackageNotFoundError": ModuleNotFoundError,
    "importlib.metadata.version": _version,
}
