"""Packages without their `__init__`: every name is found, and is the same as ever."""

from __future__ import annotations

import json
from importlib import metadata

import pytest

from edgeweb import lean

from .conftest import BY_PARTS, lowest_allowed, run, with_description


def test_the_oldest_are_those_that_the_package_allows(oldest: list[str]) -> None:
    asked = dict(pin.split("==") for pin in lowest_allowed())
    assert set(asked) == BY_PARTS
    installed = {
        found.metadata["Name"].lower(): found.version for found in metadata.distributions(path=oldest[1:])
    }
    assert set(installed) == BY_PARTS
    for name, version in asked.items():
        assert (installed[name] + ".0").startswith(version + "."), name  # "7.0" asks for 7.0.0


PUBLIC_NAMES = with_description("""
    import edgeweb, importlib
    names = json.loads(sys.argv[2]) if len(sys.argv) > 2 else None
    package = importlib.import_module(sys.argv[1])
    names = names or [name for name in vars(package) if name[0] != "_"]
    answer({name: describe(getattr(package, name)) for name in names})
    """)


@pytest.mark.parametrize("package", lean._PACKAGES)
def test_every_public_name_is_found_and_the_same(packages: list[str], package: str) -> None:
    ordinary = run(packages, PUBLIC_NAMES, package, lean=False)
    found = run(packages, PUBLIC_NAMES, package, json.dumps(list(ordinary)))
    assert found == ordinary


@pytest.mark.slow
@pytest.mark.parametrize("package", lean._PACKAGES)
def test_the_table_has_every_public_name_with_its_part(packages: list[str], package: str) -> None:
    """Without this, a name would be found by running the real ``__init__``: right, but heavy."""
    ordinary = run(packages, PUBLIC_NAMES, package, lean=False)
    public = {name for name, value in ordinary.items() if not value.startswith("module ")}
    if package == "waitress":
        public -= {"profile", "serve", "serve_paste"}  # defined in the __init__ itself
    public.discard("annotations")  # from __future__
    table = " ".join(lean._PACKAGES[package].values()).split()
    assert set(table) == public
    ran_init = run(
        packages,
        """
        import edgeweb, importlib
        package = importlib.import_module(sys.argv[1])
        for name in sys.argv[2:]:
            getattr(package, name)
        answer(sys.argv[1] + ".(init)" in sys.modules)
        """,
        package,
        *table,
    )
    assert ran_init is False


def test_the_classes_are_the_same_whichever_way_they_are_reached(packages: list[str]) -> None:
    found = run(
        packages,
        """
        import edgeweb
        import werkzeug
        early = werkzeug.Request
        from werkzeug.wrappers import Request
        from werkzeug.wrappers.request import Request as from_part
        werkzeug.run_simple, werkzeug.__version__ if hasattr(werkzeug, "__version__") else None
        answer([early is Request is from_part is werkzeug.Request,
                isinstance(Request({}), werkzeug.Request)])
        """,
    )
    assert found == [True, True]


def test_the_real_init_is_run_in_place_for_a_name_that_only_it_defines(packages: list[str]) -> None:
    found = run(
        packages,
        """
        import edgeweb, waitress
        before = waitress.create_server
        serve = waitress.serve
        answer([serve.__module__, vars(waitress)["serve"] is serve, waitress.create_server is before,
                serve.__globals__ is vars(waitress), "__getattr__" in vars(waitress),
                "(init)" in vars(waitress)])
        """,
    )
    assert found == ["waitress", True, True, True, False, False]


def test_star_import_gives_what_it_always_gave(packages: list[str]) -> None:
    code = """
        import edgeweb
        namespace = {}
        exec("from jinja2 import *", namespace)
        # Which parts are bound to their package depends on what was imported, here as there.
        answer(sorted(name for name, value in namespace.items() if not isinstance(value, type(sys))))
        """
    ordinary = run(packages, code, lean=False)
    assert "Environment" in ordinary
    assert run(packages, code) == ordinary


@pytest.mark.parametrize("package", lean._PACKAGES)
def test_an_unknown_name_is_an_attribute_error(packages: list[str], package: str) -> None:
    code = """
        import edgeweb, importlib
        package = importlib.import_module(sys.argv[1])
        messages = []
        for name in ("no_such_name", "__no_such_name__"):
            try:
                getattr(package, name)
            except AttributeError as error:
                messages.append(str(error))
        answer(messages)
        """
    messages = run(packages, code, package)
    assert len(messages) == 2
    assert messages == run(packages, code, package, lean=False)


def test_a_part_is_found_as_an_attribute(packages: list[str]) -> None:
    found = run(
        packages,
        """
        import edgeweb, werkzeug
        from werkzeug import exceptions
        answer([werkzeug.exceptions is exceptions, werkzeug.http.__name__, "http.server" in sys.modules])
        """,
    )
    assert found == [True, "werkzeug.http", False]


def test_dir_lists_what_is_not_loaded_yet(packages: list[str]) -> None:
    assert "Environment" in run(packages, "import edgeweb, jinja2; answer(dir(jinja2))")


def test_the_package_is_an_ordinary_module_to_tools(packages: list[str]) -> None:
    found = run(
        packages,
        """
        import edgeweb, importlib, importlib.util, inspect, pkgutil
        import werkzeug, werkzeug.http
        answer([
            type(werkzeug.__spec__.loader).__name__, type(werkzeug.__loader__).__name__,
            werkzeug.__file__.endswith("__init__.py"), werkzeug.__package__,
            pkgutil.get_data("werkzeug", "py.typed") is not None,
            "def dump_cookie" in inspect.getsource(werkzeug.http.dump_cookie),
            importlib.util.find_spec("jinja2").loader.is_package("jinja2"),
            importlib.reload(werkzeug) is werkzeug and werkzeug.Request.__name__,
        ])
        """,
    )
    assert found == ["SourceFileLoader", "SourceFileLoader", True, "werkzeug", True, True, True, "Request"]


def test_a_package_that_was_imported_before_is_left_alone(packages: list[str]) -> None:
    found = run(
        packages,
        """
        import jinja2, werkzeug
        before = dict(vars(werkzeug)), dict(vars(jinja2))
        import edgeweb
        import werkzeug.formparser, werkzeug.debug
        from edgeweb.lean.lazy import LazyObject
        werkzeug_now = {name: value for name, value in vars(werkzeug).items() if name in before[0]}
        late = [n for m in list(sys.modules) if m.startswith(("werkzeug", "jinja2"))
                for n, v in vars(sys.modules[m]).items() if isinstance(v, LazyObject)]
        answer([werkzeug_now == before[0], vars(jinja2) == before[1], late])
        """,
    )
    assert found == [True, True, []]


def test_it_can_be_switched_off(packages: list[str]) -> None:
    code = "import edgeweb, werkzeug; answer(['http.server' in sys.modules, 'lean' in repr(sys.meta_path)])"
    assert run(packages, code, lean=False) == [True, False]
    assert run(packages, code) == [False, True]


def test_installing_twice_changes_nothing(packages: list[str]) -> None:
    found = run(
        packages,
        """
        from edgeweb import lean
        before = list(sys.meta_path)
        lean.install()
        answer(sys.meta_path == before)
        """,
    )
    assert found


def test_another_finder_that_asks_all_finders_is_not_asked_for_ever(packages: list[str]) -> None:
    found = run(
        packages,
        """
        import edgeweb
        class Tracing:
            def find_spec(self, name, path=None, target=None):
                for finder in sys.meta_path:
                    if finder is not self:
                        spec = finder.find_spec(name, path, target)
                        if spec is not None:
                            return spec
        sys.meta_path.insert(0, Tracing())
        import werkzeug.wrappers
        answer(werkzeug.wrappers.Request.__name__)
        """,
    )
    assert found == "Request"
