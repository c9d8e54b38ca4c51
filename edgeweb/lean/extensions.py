"""What the commonest extensions of Flask, and the packages that they stand on, import and rarely use.

Programs on Flask's name get these rows: extensions import `flask`. The rules are those of
:mod:`edgeweb.lean`. Each row has been measured with the programs of `scripts/programs`;
`EDGEWEB_LEAN=-NAME` leaves a package alone.
"""

from __future__ import annotations

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
