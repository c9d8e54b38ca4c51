"""The table of test suites. A row is data only: see `suites.py` for what its columns mean."""

from __future__ import annotations

from .suites import Suite

SUITES: tuple[Suite, ...] = (
    Suite(
        "suite-restx",
        (
            "flask-restx==1.3.2",
            "pytest==9.2.0",
            "pytest-flask==1.3.0",
            "pytest-mock==3.17.0",
            "pytest-benchmark==5.3.1",
            "faker==40.63.0",
            "tzlocal==5.4.5",
            "mock==3.0.5",
        ),
        ("tests", "--ignore=tests/test_postman.py"),
        "restx.py",
    ),
    Suite(
        "suite-moto",
        ("moto[server]==5.2.5", "pytest==9.2.0", "requests==2.34.2", "freezegun==1.5.5"),
        ("tests/*/test_server.py",),
    ),
    Suite("suite-pikaraoke", ("pikaraoke==1.23.0", "pytest==9.2.0"), ("tests",)),
    Suite(
        "suite-monitoring",
        (
            "flask-monitoringdashboard==5.1.0",
            "pytest==9.2.0",
            "pytest-factoryboy==2.8.1",
            "pytest-timeout==2.4.0",
        ),
        # The test left out counts two threads after their start. One of them ends at once, so on Flask, too,
        # it fails in every second or third run. The others wait for the end of threads, once without an end.
        (
            "tests",
            "--timeout=60",
            "--deselect=tests/unit/core/profiler/test_profiler.py::test_start_profiler_and_outlier_thread",
        ),
    ),
    Suite(
        "suite-login",
        (
            "flask-login==0.6.3",
            "pytest==9.2.0",
            "semantic-version==2.10.0",
            "blinker==1.9.0",
            "asgiref==3.13.0",
        ),
        ("tests",),
    ),
    Suite("suite-wtf", ("flask-wtf==1.3.0", "pytest==9.2.0", "flask-babel==4.0.0"), ("tests",)),
    Suite("suite-cors", ("flask-cors==6.0.5", "pytest==9.2.0"), ("tests",)),
    Suite("suite-migrate", ("flask-migrate==4.1.0", "pytest==9.2.0"), ("tests",)),
    # A third fails on Flask, too: SQLAlchemy 2.1 refuses dataclasses that Flask-SQLAlchemy 3.1 makes.
    Suite("suite-sqlalchemy", ("flask-sqlalchemy==3.1.1", "pytest==9.2.0"), ("tests",)),
    Suite(
        "suite-marshmallow",
        (
            "flask-marshmallow==1.5.0",
            "pytest==9.2.0",
            "flask-sqlalchemy==3.1.1",
            "marshmallow-sqlalchemy==1.6.0",
        ),
        ("tests",),
    ),
    Suite("suite-httpauth", ("flask-httpauth==4.8.1", "pytest==9.2.0", "asgiref==3.13.0"), ("tests",)),
    Suite("suite-talisman", ("flask-talisman==1.1.0", "pytest==9.2.0"), (".",)),
    Suite("suite-socketio", ("flask-socketio==5.7.0", "pytest==9.2.0", "redis==8.1.0"), (".",)),
    # Its tests have `setup` methods as nose knew them, which pytest calls up to version 7.
    Suite("suite-assets", ("flask-assets==2.1.0", "pytest==7.4.4"), ("tests",)),
    Suite(
        "suite-webargs",
        (
            "webargs==8.7.1",
            "pytest==9.2.0",
            "marshmallow==4.4.0",
            "webtest==3.0.7",
            "asgiref==3.13.0",
            "pytest-asyncio==1.5.0",
        ),
        ("tests/test_flaskparser.py",),
    ),
    Suite(
        "suite-openapi3",
        ("flask-openapi3==4.3.2", "pytest==9.2.0", "openapi-spec-validator==0.9.0", "asgiref==3.13.0"),
        ("tests",),
    ),
    Suite(
        "suite-jwt-extended",
        ("flask-jwt-extended==4.7.4", "pytest==9.2.0", "cryptography==50.0.2", "python-dateutil==4.0.0"),
        # That file takes Flask's version for integers between dots, and edgeweb's has `+edgeweb` behind it.
        ("tests", "--ignore=tests/test_config.py"),
    ),
    Suite("suite-compress", ("flask-compress==1.25", "pytest==9.2.0", "flask-caching==2.5.1"), ("tests",)),
    Suite(
        "suite-smorest",
        ("flask-smorest==0.47.0", "pytest==9.2.0", "apispec==6.10.1", "pyyaml==6.0.4"),
        ("tests",),
    ),
    Suite(
        "suite-apiflask",
        (
            "apiflask==3.1.2",
            "pytest==9.2.0",
            "openapi-spec-validator==0.9.0",
            "asgiref==3.13.0",
            "pytest-cov==7.1.0",
            "pyyaml==6.0.4",
        ),
        ("tests",),
    ),
    # 78 tests end in an error on Flask, too: their fixtures start Redis and memcached by means of pytest's
    # cache, which is switched off here.
    Suite(
        "suite-caching",
        (
            "flask-caching==2.5.1",
            "pytest==9.2.0",
            "asgiref==3.13.0",
            "pytest-asyncio==1.5.0",
            "pytest-xprocess==1.0.2",
            "redis==8.1.0",
        ),
        ("-o", "asyncio_default_fixture_loop_scope=function", "tests"),
    ),
    # Flask 3 has no `signals_available`, which the file left out imports. Two files have tests that yield:
    # pytest skips those up to version 8.3, and later refuses the whole file.
    Suite(
        "suite-restful",
        ("flask-restful==0.3.10", "pytest==7.4.4", "pynose==1.5.5", "mock==5.2.0", "blinker==1.9.0"),
        ("tests", "--ignore=tests/test_api.py"),
    ),
    # What is left out needs a server (MongoDB, PostgreSQL), a client of a cloud or a spatial library.
    # 63 tests fail on Flask, too; the suite turns warnings, such as those of WTForms 3.3, into errors.
    Suite(
        "suite-admin",
        (
            "flask-admin==2.2.1",
            "pytest==9.2.0",
            "flask-sqlalchemy==3.1.1",
            "sqlalchemy==2.0.51",
            "sqlalchemy-utils==0.43.0",
            "sqlalchemy-citext==1.8.0",
            "colour==0.1.5",
            "email-validator==2.4.0",
            "arrow==1.4.0",
            "peewee==4.5.3",
            "wtf-peewee==3.2.1",
            "pillow==13.0.0",
            "tablib==3.10.0",
            "flask-babel==4.0.0",
            "asgiref==3.13.0",
            "beautifulsoup4==4.15.0",
            "flask-sqlalchemy-lite==0.2.1",
        ),
        (
            "flask_admin/tests",
            "--ignore=flask_admin/tests/fileadmin",
            "--ignore=flask_admin/tests/geoa",
            "--ignore=flask_admin/tests/mongoengine",
            "--ignore=flask_admin/tests/pymongo",
            "--ignore=flask_admin/tests/sqla/test_postgres.py",
        ),
    ),
    Suite(
        "suite-opentelemetry",
        (
            "opentelemetry-instrumentation-flask==0.66b1",
            "pytest==9.2.0",
            "opentelemetry-test-utils==0.66b1",
        ),
        ("tests",),
    ),
    # Its own options measure the coverage.
    Suite(
        "suite-sentry",
        (
            "sentry-sdk==2.75.0",
            "pytest==9.2.0",
            "flask-login==0.6.3",
            "pytest-localserver==0.10.0.post0",
            "jsonschema==4.26.0",
            "pytest-asyncio==1.5.0",
            "blinker==1.9.0",
        ),
        (
            "-o",
            "addopts=",
            "tests/integrations/flask",
        ),
    ),
    # Fifteen tests need servers in containers, and end in an error on Flask, too.
    Suite(
        "suite-limiter",
        (
            "flask-limiter==4.1.1",
            "pytest==9.2.0",
            "rich==15.0.0",
            "asgiref==3.13.0",
            "hiro==1.1.1",
            "pymemcache==4.0.0",
            "pymongo==4.20.0",
            "redis==8.1.0",
            "flask-restful==0.3.10",
            "flask-restx==1.3.2",
            "pytest-mock==3.17.0",
            "pytest-check==3.0.3",
        ),
        ("tests",),
    ),
    Suite(
        "suite-dance",
        (
            "flask-dance==7.1.0",
            "pytest==9.2.0",
            "pytest-mock==3.17.0",
            "responses==0.26.3",
            "freezegun==1.5.5",
            "sqlalchemy==2.0.51",
            "flask-sqlalchemy==3.1.1",
            "flask-login==0.6.3",
            "flask-caching==2.5.1",
            "betamax==0.9.0",
            "pyjwt==2.15.1",
            "cryptography==50.0.2",
            "blinker==1.9.0",
        ),
        ("tests",),
    ),
    Suite(
        "suite-reuploaded",
        (
            "flask-reuploaded==1.6.0",
            "pytest==9.2.0",
        ),
        ("tests",),
    ),
    Suite(
        "suite-oidc",
        (
            "flask-oidc==2.4.0",
            "pytest==9.2.0",
            "responses==0.26.3",
            "packaging==26.4",
        ),
        ("tests",),
    ),
    Suite(
        "suite-openapi",
        (
            "flask-openapi==5.0.0",
            "pytest==9.2.0",
            "asgiref==3.13.0",
            "pyyaml==6.0.4",
            "openapi-spec-validator==0.9.0",
        ),
        ("tests",),
    ),
    Suite(
        "suite-simplelogin",
        (
            "flask-simplelogin==0.3.0",
            "pytest==9.2.0",
            "pytest-flask==1.3.0",
            "pytest-mock==3.17.0",
        ),
        (
            "-o",
            "addopts=",
            "tests",
        ),
    ),
    Suite(
        "suite-frozen",
        (
            "frozen-flask==1.0.2",
            "pytest==9.2.0",
        ),
        ("tests",),
    ),
    # Seven fail on Flask, too: most need twill or the absolute redirects of an older Werkzeug.
    Suite(
        "suite-testing",
        (
            "flask-testing==0.8.1",
            "pytest==9.2.0",
            "blinker==1.9.0",
        ),
        ("tests",),
    ),
    Suite(
        "suite-pytest-flask",
        (
            "pytest-flask==1.3.0",
            "pytest==9.2.0",
        ),
        ("tests",),
    ),
    Suite(
        "suite-sock",
        (
            "flask-sock==0.7.0",
            "pytest==9.2.0",
        ),
        ("tests",),
    ),
    Suite(
        "suite-apispec",
        (
            "apispec-webframeworks==1.2.0",
            "pytest==9.2.0",
            "aiohttp==3.14.5",
            "bottle==0.13.4",
            "tornado==6.6.1",
        ),
        ("tests/test_ext_flask.py",),
    ),
)
