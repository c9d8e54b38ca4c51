"""`typing` runs when a name of it is used, and then everything is as if it had run at the start."""

from __future__ import annotations

import sys

import pytest

from .conftest import NEWEST, run

# Everything that a program can learn of the declarations of edgeweb, markupsafe and Werkzeug.
DECLARATIONS = """
    import importlib, pkgutil
    import edgeweb, markupsafe, werkzeug
    SEEN = ["markupsafe", "werkzeug.local", "werkzeug.utils", "werkzeug.http", "werkzeug._internal",
            "werkzeug.exceptions", "werkzeug.sansio.request", "werkzeug.sansio.response",
            "werkzeug.wrappers.request", "werkzeug.wrappers.response", "werkzeug.datastructures.headers",
            "werkzeug.datastructures.mixins", "werkzeug.datastructures.structures", "edgeweb.app",
            "edgeweb.config", "edgeweb.json.tag", "edgeweb.scaffold", "edgeweb.sessions.interface",
            "edgeweb.server.channel", "edgeweb.wrappers"]
    for name in SEEN:
        importlib.import_module(name)
    ran_early = "(typing)" in sys.modules
    import typing
    from edgeweb.lean.lazy import Declared, LazyObject, resolve
    typing.Generic
    found = {}
    def describe(value):
        if isinstance(value, typing.TypeVar):
            bound = (value.__bound__, value.__constraints__, value.__covariant__, value.__contravariant__)
            return f"{value!r} of {value.__module__} {bound}"
        return f"{type(value).__name__} {value!r}"
    for name in SEEN:
        for key, value in sorted(vars(sys.modules[name]).items()):
            assert not isinstance(value, Declared), (name, key)
            if isinstance(value, LazyObject):
                value = resolve(value)
            path = f"{name}.{key}"
            if isinstance(value, typing.TypeVar):
                found[path] = describe(value)
            if not isinstance(value, type) or value.__module__ != name:
                continue
            found[path] = [list(map(repr, value.__mro__)), list(map(repr, value.__bases__)),
                           list(map(describe, vars(value).get("__orig_bases__", ()))),
                           list(map(describe, getattr(value, "__parameters__", ())))]
            for attribute, member in sorted(vars(value).items()):
                if hasattr(member, "__orig_class__"):
                    found[f"{path}.{attribute}: class"] = describe(member.__orig_class__)
                overloads = typing.get_overloads(member) if type(member) is type(describe) else ()
                if overloads:
                    found[f"{path}.{attribute}: overloads"] = [str(one.__annotations__) for one in overloads]
    answer([ran_early, found])
    """


@pytest.mark.slow
def test_all_declarations_are_what_they_always_were(packages: list[str]) -> None:
    ran_early, found = run(packages, DECLARATIONS)
    assert not ran_early
    _, ordinary = run(packages, DECLARATIONS, lean=False)
    assert len(ordinary) > 150
    assert found == ordinary


UNUSED = {"(typing)", "copy", "http", "markupsafe", "math", "string", "weakref"}


def test_hello_runs_neither_it_nor_what_came_with_it() -> None:
    status, loaded = run(
        NEWEST,
        """
        before = set(sys.modules)
        from edgeweb import Flask
        import edgeweb.commands.serve, edgeweb.server.runner
        from edgeweb.commands.warm import ask
        app = Flask("hello")
        app.add_url_rule("/", view_func=lambda: "Hello, world!")
        status, _ = ask(app, "/")
        answer([status, sorted(sys.modules.keys() - before)])
        """,
    )
    assert status == "200 OK"
    assert "edgeweb.app" in loaded
    assert UNUSED.intersection(loaded) == set()


# What a program may do first with `typing`: each of these runs it.
FIRST = {
    "a name": "import typing; typing.Optional",
    "an import": "from typing import Any",
    "an import of all": "from typing import *",
    "a look at its names": "import typing; dir(typing)",
    "a generic class": "from typing import Generic, TypeVar\nclass Box(Generic[TypeVar('T')]): pass",
    "a class with a parameter": "from werkzeug.local import LocalProxy; LocalProxy[int]",
    "a module that declares": "import werkzeug.wsgi; werkzeug.wsgi.t.IO",
}


@pytest.mark.parametrize("first", FIRST)
def test_what_is_read_is_the_real_one(first: str) -> None:
    assert run(
        NEWEST,
        f"""
        import edgeweb
        from werkzeug.local import LocalProxy
        before = "(typing)" in sys.modules
        exec({FIRST[first]!r})
        import typing
        alias = LocalProxy[int]
        answer([before, "(typing)" in sys.modules, issubclass(LocalProxy, typing.Generic), str(alias),
                LocalProxy.__mro__[1] is typing.Generic, typing.get_args(alias) == (int,)])
        """,
    ) == [False, True, True, "werkzeug.local.LocalProxy[int]", True, True]


def test_subclasses_that_were_made_before_are_generic_afterwards() -> None:
    assert run(
        NEWEST,
        """
        import edgeweb
        from werkzeug.datastructures import ImmutableDict, MultiDict
        from werkzeug.local import LocalProxy
        class Texts(MultiDict[str, str]): pass
        class Proxy(LocalProxy): pass
        class Fixed(ImmutableDict): pass
        values, proxy = Texts([("a", "b")]), Proxy(lambda: 7)
        ran = "(typing)" in sys.modules
        import typing
        answer([ran, values["a"], proxy + 1, Proxy.__parameters__, issubclass(Proxy, typing.Generic),
                issubclass(Fixed, typing.Generic), isinstance(proxy, int), Proxy.__mro__[2] is typing.Generic,
                str(typing.get_type_hints(LocalProxy)), list(Fixed(a=1).items())])
        """,
    ) == [
        False,
        "b",
        8,
        [],
        True,
        True,
        True,
        True,
        "{'_get_current_object': typing.Callable[[], ~T]}",
        [["a", 1]],
    ]


CASTS = """
    import ast, edgeweb, importlib.util
    from edgeweb.lean.typing_names import _CAST_TO, _CASTING
    casts, others = 0, []
    for name in _CASTING:
        tree = ast.parse(importlib.util.find_spec(name).loader.get_source(name))
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        for statement in [each for function in functions for each in function.body]:
            inside = list(ast.walk(statement))
            notes = [node.annotation for node in inside if isinstance(node, (ast.AnnAssign, ast.arg))]
            notes += [node.returns for node in inside if isinstance(node, ast.FunctionDef)]
            notes += [node.args[0] for node in inside
                      if isinstance(node, ast.Call) and ast.unparse(node.func) == "t.cast"]
            ignored = {id(node) for note in notes if note for node in ast.walk(note)}
            for node in inside:
                if ast.unparse(node) in {f"t.{name}" for name in _CAST_TO}:
                    casts += id(node) in ignored
                    others += [] if id(node) in ignored else [f"{name} {node.lineno}"]
    answer([casts > 2, others])
    """


def test_functions_that_get_no_real_type_only_cast_to_it(packages: list[str]) -> None:
    assert run(packages, CASTS) == [True, []]


def test_reading_a_body_does_not_run_it() -> None:
    assert run(
        NEWEST,
        """
        import io
        from edgeweb import Flask, request
        app = Flask("bodies")
        app.add_url_rule("/", "put", lambda: request.get_json() | request.args, methods=["PUT"])
        app.add_url_rule("/form", "post", lambda: request.form, methods=["POST"])
        def ask(method, path, content_type, body):
            environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": "a=1", "HTTP_HOST": "a",
                       "SERVER_NAME": "a", "SERVER_PORT": "80", "wsgi.url_scheme": "http",
                       "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": content_type,
                       "wsgi.input": io.BytesIO(body), "wsgi.errors": sys.stderr}
            return json.loads(b"".join(app(environ, lambda *answer: None)))
        answer([ask("PUT", "/", "application/json", b'{"on": true}'),
                ask("POST", "/form", "application/x-www-form-urlencoded", b"name=lamp"),
                "(typing)" in sys.modules])
        """,
    ) == [{"on": True, "a": "1"}, {"name": "lamp"}, False]


def test_threads_that_read_names_at_once_get_the_same() -> None:
    assert (
        run(
            NEWEST,
            """
        import edgeweb, threading, typing
        from werkzeug.local import LocalProxy
        names = ["Optional", "Generic", "TypeVar", "Any", "get_type_hints", "NamedTuple", "Protocol", "Union"]
        found, ready = [], threading.Barrier(len(names))
        def read(name):
            ready.wait()
            real = getattr(typing, name)
            found.append([real is vars(typing)[name], issubclass(LocalProxy, typing.Generic)])
        sys.setswitchinterval(1e-6)
        threads = [threading.Thread(target=read, args=[name]) for name in names]
        [thread.start() for thread in threads]; [thread.join() for thread in threads]
        answer(found)
        """,
        )
        == [[True, True]] * 8
    )


def test_a_thread_sees_no_name_before_the_classes_are_derived_from_it() -> None:
    assert run(
        NEWEST,
        """
        import edgeweb, threading, typing
        from edgeweb.lean import typing_names
        from werkzeug.local import LocalProxy
        found, place = [], typing_names.place
        def read():
            found.append(issubclass(LocalProxy, typing.Generic))
        def place_late(modules):
            # Between the end of the code of `typing` and the places: the other thread ends, or waits.
            typing_names.place = place
            other.start()
            other.join(1)
            place(modules)
        other = threading.Thread(target=read)
        typing_names.place = place_late
        found.append(typing.Optional is vars(typing)["Optional"])
        other.join()
        answer(found)
        """,
    ) == [True, True]


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="there is none since")
def test_the_namespaces_below_it_are_found() -> None:
    assert run(
        NEWEST,
        """
        import warnings
        import edgeweb, werkzeug.local
        warnings.simplefilter("ignore", DeprecationWarning)
        before = "(typing)" in sys.modules
        from typing.io import IO
        from typing.re import Pattern
        import typing
        answer([before, IO is typing.IO, Pattern is typing.Pattern, hasattr(typing, "__path__")])
        """,
    ) == [False, True, True, False]


def test_a_program_that_was_first_keeps_what_it_imported() -> None:
    assert run(
        NEWEST,
        """
        import typing
        generic = typing.Generic
        import edgeweb
        from werkzeug.local import LocalProxy
        answer(["(typing)" in sys.modules, generic in LocalProxy.__mro__, "__getattr__" in vars(typing)])
        """,
    ) == [False, True, sys.version_info >= (3, 13)]


# Classes with each order of generic bases, in a module that may declare while `typing` has not run.
MODULE = """
from typing import Generic, TypeVar
T = TypeVar("T")
U = TypeVar("U")
class One(Generic[T]): pass
class Other(Generic[U]): pass
class First(Generic[U, T], One[T], Other[U]): pass
class Last(One[T], Other[U], Generic[U, T]): pass
class Without(One[T], Other[U]): pass
"""
BASES = """
    import types
    import edgeweb
    mine = sys.modules["edgeweb.mine"] = types.ModuleType("edgeweb.mine")
    exec(sys.argv[1], vars(mine))
    ran_early = "(typing)" in sys.modules
    import typing
    typing.Generic
    def describe(cls):
        return [list(map(str, found)) for found in (cls.__mro__, cls.__orig_bases__, cls.__parameters__)]
    answer([ran_early, [describe(cls) for cls in (mine.One, mine.First, mine.Last, mine.Without)]])
    """


def test_generic_bases_may_stand_in_any_order() -> None:
    ran_early, found = run(NEWEST, BASES, MODULE)
    assert not ran_early
    assert found == run(NEWEST, BASES, MODULE, lean=False)[1]
    assert [cls[2] for cls in found] == [["~T"], ["~U", "~T"], ["~U", "~T"], ["~T", "~U"]]


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="annotations keep no code since")
def test_an_annotation_keeps_its_text_and_no_code() -> None:
    assert run(
        NEWEST,
        """
        import edgeweb, typing
        class Box:
            content: "list[int]"
        kept = typing.Optional["list[int]"].__args__[0].__forward_code__
        answer([kept, str(typing.get_type_hints(Box))])
        """,
    ) == ["list[int]", "{'content': list[int]}"]
