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
)
