"""Modules with late imports: what is heavy stays away, and arrives when it is used."""

from __future__ import annotations

import sys

import pytest

from edgeweb import lean

from .conftest import NEWEST, run, with_description

# -- modules with late imports ------------------------------------------------------------------------------

EVERY_MODULE = with_description("""
    import edgeweb, importlib, importlib.util
    from edgeweb.lean.lazy import LazyObject, resolve
    found = {}
    for module in sys.argv[1:]:
        # Some are in the oldest version or in the newest only.
        if importlib.util.find_spec(module) is None:
            continue
        namespace = vars(importlib.import_module(module))
        for name, value in list(namespace.items()):
            if isinstance(value, LazyObject):
                value = resolve(value)
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
    # Equals of our own: see test_short_cuts.py.
    assert found.pop("werkzeug.datastructures.cache_control: cleandoc") == "edgeweb.lean.lazy._cleandoc"
    own = 1
    if "werkzeug.http: _parse_list_header" in found:
        assert found.pop("werkzeug.http: _parse_list_header") == "edgeweb.lean.lazy._parse_http_list"
        own = 2
    assert {name: found[name] for name in ordinary if name in found} == found
    assert len(found) == len(ordinary) - own


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


def test_annotations_that_name_a_late_object_are_resolved(packages: list[str]) -> None:
    """In text they are subscribed and united, as everything else is."""
    code = """
        import edgeweb
        from werkzeug.wrappers import Request, Response
        import typing
        found = {}
        for cls in (*Request.__mro__, *Response.__mro__):
            for name, text in vars(cls).get("__annotations__", {}).items():
                Holder = type("Holder", (), {"__annotations__": {name: text}, "__module__": cls.__module__})
                try:
                    found[f"{cls} {name}"] = len(typing.get_type_hints(Holder))
                except NameError as error:  # of a name for type checkers
                    found[f"{cls} {name}"] = str(error)
        answer(found)
        """
    found = run(packages, code)
    assert 1 in found.values()
    assert found == run(packages, code, lean=False)
