"""Packages loaded by parts: everything is found, is the same as ever, and what is heavy stays away.

Each test looks at fresh interpreters, with the newest versions (the ones installed here) and with the oldest
ones that edgeweb supports.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from edgeweb import lean

ROOT = Path(__file__).resolve().parent.parent
# What `edgeweb.lean` loads by parts. `scripts/versions` tests with the lowest version of every dependency.
BY_PARTS = {"jinja2", "markupsafe", "psutil", "waitress", "werkzeug"}


# The folders that a new interpreter searches first.
NEWEST = [str(ROOT)]


@pytest.fixture(scope="session")
def oldest() -> list[str]:
    """The oldest supported versions; they are installed once and kept."""
    pins = lowest_allowed()
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    key = hashlib.sha256(" ".join(pins).encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"edgeweb-tests-oldest-{version}-{key}-{os.getuid()}"
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=folder.parent) as work:
            target = Path(work) / "packages"
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
            subprocess.run([*pip, "--target", str(target), *pins], check=True)
            target.rename(folder)
    return [str(ROOT), str(folder)]


def lowest_allowed() -> list[str]:
    """``["jinja2==3.1.6", ...]``: the lower bounds in `pyproject.toml`."""
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    bounds = [re.match(r"([\w-]+)>=([\d.]+)", dependency) for dependency in dependencies]
    return [f"{bound[1]}=={bound[2]}" for bound in bounds if bound and bound[1] in BY_PARTS]


def test_the_oldest_are_those_that_the_package_allows(oldest: list[str]) -> None:
    asked = dict(pin.split("==") for pin in lowest_allowed())
    assert set(asked) == BY_PARTS
    installed = {
        found.metadata["Name"].lower(): found.version for found in metadata.distributions(path=oldest[1:])
    }
    assert set(installed) == BY_PARTS
    for name, version in asked.items():
        assert (installed[name] + ".0").startswith(version + "."), name  # "7.0" asks for 7.0.0


@pytest.fixture(params=["newest", "oldest"])
def packages(request: pytest.FixtureRequest) -> list[str]:
    return NEWEST if request.param == "newest" else list(request.getfixturevalue("oldest"))


def run(packages: list[str], code: str, *arguments: str, lean: bool = True) -> Any:
    """Run code in a new interpreter; gives what it passed to ``answer(...)``."""
    prelude = """
        import builtins, json, os, sys
        def answer(value):
            os.write(1, json.dumps(value).encode())
        """
    env = {key: value for key, value in os.environ.items() if not key.startswith("EDGEWEB")}
    env |= {"PYTHONPATH": os.pathsep.join(packages), "EDGEWEB_LEAN": "1" if lean else "0"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(prelude) + textwrap.dedent(code), *arguments],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout else None


# What one interpreter can tell another about an object.
DESCRIBE = """
    def describe(value):
        if isinstance(value, type(sys)):
            return f"module {value.__name__}"
        if hasattr(value, "__qualname__"):
            return f"{value.__module__}.{value.__qualname__}"
        return f"{type(value).__qualname__} {getattr(value, 'pattern', getattr(value, 'name', ''))}"
    """


def with_description(code: str) -> str:
    return textwrap.dedent(DESCRIBE) + textwrap.dedent(code)


# -- packages without their __init__ ------------------------------------------------------------------------

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


# -- modules with late imports ------------------------------------------------------------------------------

EVERY_MODULE = with_description("""
    import edgeweb, importlib, importlib.util
    from edgeweb.lean.lazy import LazyObject, _resolve
    found = {}
    for module in sys.argv[1:]:
        # Some are in the oldest version or in the newest only.
        if importlib.util.find_spec(module) is None:
            continue
        namespace = vars(importlib.import_module(module))
        for name, value in list(namespace.items()):
            if isinstance(value, LazyObject):
                value = _resolve(value)
                assert namespace[name] is value, name
            if name[:2] != "__":
                found[f"{module}: {name}"] = describe(value)
    answer(found)
    """)


@pytest.mark.slow
def test_every_late_import_arrives_and_is_the_same(packages: list[str]) -> None:
    modules = list(lean._DEFERRED)
    ordinary = run(packages, EVERY_MODULE, *modules, lean=False)
    found = run(packages, EVERY_MODULE, *modules)
    # An equal of our own: see test_cleandoc_is_cleandoc.
    assert found.pop("werkzeug.datastructures.cache_control: cleandoc") == "edgeweb.lean.lazy._cleandoc"
    assert {name: found[name] for name in ordinary if name in found} == found
    assert len(found) == len(ordinary) - 1


UNUSED_ENTRIES = """
    import ast, edgeweb, importlib.util
    from edgeweb.lean import _DEFERRED
    from edgeweb.lean.lazy import _absolute
    unused = []
    for module, entries in _DEFERRED.items():
        imported = set()
        spec = importlib.util.find_spec(module)
        source_text = spec.loader.get_source(module) if spec else ""
        for node in ast.walk(ast.parse(source_text)):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(_absolute(node.module or "", module.rpartition(".")[0], node.level))
        for entry in entries.split():
            source = entry[:-2].rpartition(".")[0] if entry.endswith("()") else entry
            if source not in imported or (entry[-1] == ")" and entry[:-2] not in source_text):
                unused.append(f"{module}: {entry}")
    answer(unused)
    """


@pytest.mark.slow
def test_no_entry_of_the_table_is_without_effect(oldest: list[str]) -> None:
    """Each deferred import stands in the module that it is listed for, in one of the versions at least."""
    assert set(run(NEWEST, UNUSED_ENTRIES)) & set(run(oldest, UNUSED_ENTRIES)) == set()


HEAVY = {
    "asyncio",
    "click",
    "dataclasses",
    "datetime",
    "decimal",
    "email",
    "hashlib",
    "hmac",
    "http.client",
    "http.server",
    "inspect",
    "ipaddress",
    "jinja2.compiler",
    "jinja2.lexer",
    "jinja2.parser",
    "logging",
    "mimetypes",
    "platform",
    "random",
    "secrets",
    "ssl",
    "tempfile",
    "urllib.request",
    "werkzeug.routing",
    "werkzeug.serving",
    "werkzeug.test",
}


def test_serving_a_request_loads_none_of_the_heavy_modules(packages: list[str]) -> None:
    loaded = run(
        packages,
        """
        import edgeweb
        import jinja2.environment, waitress.server, werkzeug.exceptions, werkzeug.local
        from werkzeug.wrappers import Request, Response
        request = Request({"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_HOST": "a", "QUERY_STRING": "a=1",
                           "wsgi.url_scheme": "http", "SERVER_NAME": "a", "SERVER_PORT": "80"})
        assert request.args["a"] == "1" and request.path == "/" and request.host == "a"
        response = Response("hello")
        assert b"".join(response(request.environ, lambda status, headers: None)) == b"hello"
        answer(list(sys.modules))
        """,
    )
    assert HEAVY.intersection(loaded) == set()


def test_no_stand_in_is_seen_in_sys_modules(packages: list[str]) -> None:
    code = """
        import edgeweb
        import jinja2.environment, waitress.server, werkzeug.wrappers, werkzeug.security
        plain = type(sys)
        strange = [name for name, module in sys.modules.items() if not issubclass(type(module), plain)]
        import hashlib, inspect, logging, tempfile
        answer([strange, hashlib.sha1(b"").hexdigest(), hasattr(inspect, "signature"),
                hasattr(logging, "getLogger"), hasattr(tempfile, "mkstemp")])
        """
    assert run(packages, code) == run(packages, code, lean=False)


def test_a_late_function_works_and_is_replaced_by_the_real_one(packages: list[str]) -> None:
    found = run(
        packages,
        """
        import edgeweb, werkzeug.http
        before = "hashlib" in sys.modules
        etag = werkzeug.http.generate_etag(b"data")
        import hashlib
        answer([before, etag == hashlib.sha1(b"data").hexdigest(), werkzeug.http.sha1 is hashlib.sha1])
        """,
    )
    assert found == [False, True, True]


def test_functions_of_such_a_module_use_the_ordinary_built_ins(packages: list[str]) -> None:
    """Someone who patches ``builtins.open``, or ``__import__``, reaches them like any other function."""
    found = run(
        packages,
        """
        import edgeweb, werkzeug.utils, jinja2.utils
        functions = werkzeug.utils.send_file, werkzeug.utils.secure_filename, jinja2.utils.import_string
        answer([f.__builtins__ is vars(builtins) for f in functions]
               + [vars(werkzeug.utils)["__builtins__"] is vars(builtins)])
        """,
    )
    assert found == [True] * 4


def test_a_late_class_is_subclassed_and_recognised(packages: list[str]) -> None:
    found = run(
        packages,
        """
        import edgeweb
        from werkzeug.formparser import MultipartDecoder, NeedData
        from jinja2.environment import CodeGenerator, Environment, Lexer, Parser
        class Mine(Parser):
            pass
        import jinja2.compiler, jinja2.lexer, jinja2.parser, werkzeug.sansio.multipart as multipart
        answer([
            Mine.__mro__[1] is jinja2.parser.Parser,
            isinstance(Mine(Environment(), "x"), Parser), issubclass(Mine, Parser),
            isinstance(multipart.NEED_DATA, NeedData) and not isinstance(1, NeedData),
            isinstance(MultipartDecoder(b"x"), multipart.MultipartDecoder),
            isinstance(Environment().lexer, Lexer), repr(Lexer) == repr(jinja2.lexer.Lexer),
            "generate" not in dir(CodeGenerator), "visit" in dir(CodeGenerator),
        ])
        """,
    )
    assert found == [True] * 9


def test_in_a_class_body_a_late_object_is_the_real_one_to_everybody(packages: list[str]) -> None:
    found = run(
        packages,
        """
        import edgeweb
        from jinja2.environment import Environment
        from werkzeug.wrappers import Request, Response
        import jinja2.compiler, werkzeug.datastructures, werkzeug.formparser
        answer([
            Environment.code_generator_class is jinja2.compiler.CodeGenerator,
            Environment().code_generator_class is jinja2.compiler.CodeGenerator,
            Request.form_data_parser_class is werkzeug.formparser.FormDataParser,
            vars(Request)["form_data_parser_class"] is werkzeug.formparser.FormDataParser,
            Request.parameter_storage_class is werkzeug.datastructures.ImmutableMultiDict,
            Request({}).json_module is json is Response.json_module,
        ])
        """,
    )
    assert found == [True] * 6


def test_monkeypatching_goes_through_to_the_real_module(packages: list[str]) -> None:
    found = run(
        packages,
        """
        import edgeweb, werkzeug.utils
        werkzeug.utils.mimetypes.guess_type = lambda name: ("text/mine", None)
        import mimetypes
        patched = mimetypes.guess_type("a")
        del werkzeug.utils.mimetypes.guess_type
        answer([patched, hasattr(mimetypes, "guess_type")])
        """,
    )
    assert found == [["text/mine", None], False]


def test_a_late_logger_is_the_logger(packages: list[str]) -> None:
    found = run(
        packages,
        """
        import edgeweb
        from waitress.task import ThreadedTaskDispatcher
        from waitress.wasyncore import dispatcher
        before = "logging" in sys.modules
        lines = []
        logger = dispatcher.logger
        import logging
        handler = logging.Handler()
        handler.emit = lambda record: lines.append(record.getMessage())
        logging.getLogger("waitress").addHandler(handler)
        ThreadedTaskDispatcher().logger.warning("%d thread(s)", 3)
        answer([before, logger is logging.getLogger("waitress"), lines])
        """,
    )
    assert found == [False, True, ["3 thread(s)"]]


def test_a_class_with_a_late_base_is_made_on_first_use(packages: list[str]) -> None:
    found = run(
        packages,
        """
        import edgeweb, werkzeug._internal
        before = "logging" in sys.modules
        werkzeug._internal._log("info", "hello")
        import logging
        kind = werkzeug._internal._ColorStreamHandler
        answer([before, issubclass(kind, logging.StreamHandler), kind.__module__, kind.__qualname__])
        """,
    )
    assert found == [False, True, "werkzeug._internal", "_ColorStreamHandler"]


def test_jinja_compiles_when_asked_to(packages: list[str]) -> None:
    code = """
        import edgeweb
        from jinja2 import Environment, DictLoader, TemplateSyntaxError
        from jinja2.sandbox import SandboxedEnvironment
        from jinja2.nativetypes import NativeEnvironment
        templates = {
            "base": "<{% block b %}{% endblock %}>",
            "child": "{% extends 'base' %}{% block b %}{{ x|upper }}{% endblock %}",
        }
        env = Environment(loader=DictLoader(templates), extensions=["jinja2.ext.i18n", "jinja2.ext.do"])
        env.install_null_translations()
        square = env.overlay(variable_start_string="[[", variable_end_string="]]")
        try:
            env.from_string("{% if %}")
        except TemplateSyntaxError as error:
            wrong = str(error)
        answer([
            env.get_template("child").render(x="a"),
            env.from_string("{% trans %}yes{% endtrans %}").render(),
            env.from_string("{{ [3, 1]|random in [1, 3] }} {{ 1 is number }} {{ 'a b'|title }}").render(),
            env.compile_expression("a + 1")(a=1),
            [token[1] for token in env.lex("{{ a }}")],
            square.from_string("[[ 1 ]]").render(),
            SandboxedEnvironment().from_string("{{ 1 + 1 }}").render(),
            NativeEnvironment().from_string("{{ 2 }}").render(),
            wrong,
        ])
        """
    assert run(packages, code) == run(packages, code, lean=False)


def test_jinja_renders_what_was_compiled_before_without_the_compiler(packages: list[str]) -> None:
    source = """
        import edgeweb, base64, marshal
        from jinja2 import Environment
        code = Environment().compile("{% macro m(x) %}[{{ x }}]{% endmacro %}{{ m(1) }}{{ names|join(',') }}")
        answer(base64.b64encode(marshal.dumps(code)).decode())
        """
    compiled = run(packages, source)
    found = run(
        packages,
        """
        import edgeweb, base64, marshal
        from jinja2.environment import Environment, Template
        environment = Environment()
        code = marshal.loads(base64.b64decode(sys.argv[1]))
        page = Template.from_code(environment, code, environment.make_globals(None)).render(names=["a", "b"])
        heavy = ["jinja2.compiler", "jinja2.lexer", "jinja2.parser", "inspect", "random"]
        answer([page, [name for name in heavy if name in sys.modules]])
        """,
        compiled,
    )
    assert found == ["[1]a,b", []]


def test_datetime_is_whole(packages: list[str]) -> None:
    code = with_description("""
        import edgeweb, datetime, inspect, pickle
        now = datetime.datetime(2026, 11, 21, tzinfo=datetime.UTC)
        answer([
            {name: describe(getattr(datetime, name)) for name in datetime.__all__}, datetime.__doc__,
            pickle.loads(pickle.dumps(now)) == now, datetime.datetime.strptime("2026", "%Y").isoformat(),
            datetime.datetime_CAPI is not None, datetime.__file__, inspect.getsource(datetime)[:20],
        ])
        """)
    assert run(packages, code) == run(packages, code, lean=False)


def test_annotations_in_quotes_mean_what_they_meant(packages: list[str]) -> None:
    code = """
        import edgeweb, jinja2.environment, typing, werkzeug.http
        class Node:
            def walk(self, parent: typing.Optional["Node"]) -> "list[Node | None]": ...
        hints = [
            typing.get_type_hints(Node.walk),
            typing.get_type_hints(jinja2.environment.get_spontaneous_environment),
            typing.Optional["Node"], typing.ForwardRef("Node") == typing.ForwardRef("Node"),
            typing.get_type_hints(typing.NamedTuple("Pair", [("one", "int"), ("two", "str | None")])),
        ]
        answer([repr(hint) for hint in hints])
        """
    assert run(packages, code) == run(packages, code, lean=False)


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="typing compiles nothing early from 3.14 on")
def test_what_changes_for_annotations_is_what_the_docstring_says() -> None:
    code = """
        import edgeweb
        def refusal(function, *arguments):
            try:
                function(*arguments)
            except SyntaxError:
                return "SyntaxError"
        import typing
        def walk(parent: "Node |"): ...
        answer([
            refusal(lambda: typing.Optional["Node |"]),
            refusal(typing.get_type_hints, walk),
            type(typing.ForwardRef("Node").__forward_code__).__name__,
        ])
        """
    assert run(NEWEST, code) == [None, "SyntaxError", "str"]
    assert run(NEWEST, code, lean=False) == ["SyntaxError", "SyntaxError", "code"]
    assert run(NEWEST, "        import typing\n" + code) == ["SyntaxError", "SyntaxError", "code"]


def test_the_figures_of_a_machine_are_read_without_subprocess(packages: list[str]) -> None:
    loaded = run(
        packages,
        """
        import edgeweb, psutil
        psutil.virtual_memory(), psutil.cpu_percent(), psutil.disk_usage("/"), psutil.net_io_counters()
        psutil.sensors_temperatures(), psutil.boot_time()
        answer(list(sys.modules))
        """,
    )
    assert {"psutil", "shutil", "subprocess", "traceback"}.intersection(loaded) == {"psutil"}


@pytest.mark.parametrize("before", ["", "psutil", "subprocess"])
def test_psutil_catches_the_exception_of_a_module_that_is_loaded_late(
    packages: list[str], before: str
) -> None:
    outcome = run(
        packages,
        """
        import edgeweb
        for name in sys.argv[1:]:
            __import__(name)
        import psutil
        class Process:
            pid = 1
            def __init__(self, error): self.error = error
            def wait(self, timeout=None): raise self.error
        def wait(error):
            gone, alive = psutil.wait_procs([Process(error)], timeout=0)
            return [len(gone), len(alive)]
        found = []
        try:
            wait(psutil.NoSuchProcess(1))
        except psutil.NoSuchProcess:
            found.append("passed on")
        child = psutil.Popen([sys.executable, "-c", "input()"], stdin=-1)
        gone, alive = psutil.wait_procs([child], timeout=0.01)
        found += [len(gone), len(alive)]
        child.communicate(b"\\n")
        import subprocess
        answer([*found, *wait(subprocess.TimeoutExpired("", 0))])
        """,
        *filter(None, [before]),
    )
    assert outcome == ["passed on", 0, 1, 0, 1]


# -- threads ------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("order", range(6))
def test_many_threads_may_import_at_once(packages: list[str], order: int) -> None:
    """Parts, names, real ``__init__`` and first use of late objects, in a different order in each thread."""
    found = run(
        packages,
        """
        import edgeweb, importlib, threading
        actions = [
            lambda: importlib.import_module("werkzeug.wrappers").Request,
            lambda: importlib.import_module("werkzeug").run_simple,
            lambda: importlib.import_module("werkzeug").Client,
            lambda: importlib.import_module("werkzeug.datastructures").MultiDict,
            lambda: importlib.import_module("werkzeug.serving").run_simple,
            lambda: importlib.import_module("werkzeug.http").generate_etag(b"x"),
            lambda: importlib.import_module("jinja2").Environment().from_string("{{ 1 }}").render(),
            lambda: importlib.import_module("jinja2").__version__,
            lambda: importlib.import_module("jinja2.environment").Environment.code_generator_class,
            lambda: importlib.import_module("waitress").serve,
            lambda: importlib.import_module("waitress.server").create_server,
        ]
        shift, count = int(sys.argv[1]), 12
        barrier = threading.Barrier(count)
        results = [{} for _ in range(count)]
        failures = []
        def work(number):
            turn = (number * (shift + 1) + shift) % len(actions)
            barrier.wait()
            for index, action in enumerate(actions[turn:] + actions[:turn]):
                try:
                    results[number][(index + turn) % len(actions)] = action()
                except BaseException as error:
                    failures.append(repr(error))
        sys.setswitchinterval(1e-5)
        threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
        for thread in threads: thread.start()
        for thread in threads: thread.join(30)
        same = all(result[key] is results[0][key] or result[key] == results[0][key]
                   for result in results for key in range(len(actions))) if not failures else False
        answer([failures, same, [thread.name for thread in threads if thread.is_alive()]])
        """,
        str(order),
    )
    assert found == [[], True, []]


# -- the small ones -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "doc",
    [
        "",
        "one line",
        "  first\n    second\n      third\n",
        "\n\n    indented\n\n      more\n    ",
        "first\nsecond\n  third",
        "\tfirst\n\t\tsecond\n \n\tthird\n\n",
        "a\n   \n  b",
    ],
)
def test_cleandoc_is_cleandoc(doc: str) -> None:
    assert lean.lazy._cleandoc(doc) == inspect.cleandoc(doc)
