"""Rendering a compiled template makes one class of `jinja2.nodes`; reading another name makes all of them.

The class must stay the one that was made first, and annotations must name the real classes.
"""

from __future__ import annotations

from .conftest import NEWEST, run

START = """
import json, sys, threading
import edgeweb
import jinja2.environment as environment, jinja2.nodes as nodes, jinja2.runtime as runtime
first = nodes.EvalContext
def has_run():
    return "(jinja2 nodes)" in sys.modules
"""


def test_loading_templates_makes_one_class(packages: list[str]) -> None:
    code = (
        "names = sorted(name for name, value in vars(nodes).items() if isinstance(value, type))\n"
        "context = runtime.Context(environment.Environment(), {}, 'page', {})\n"
        "print(json.dumps([names, has_run(), type(context.eval_ctx) is first]))"
    )
    assert run(packages, START + code) == [["EvalContext"], False, True]


def test_compiling_finds_all_and_the_same_class(packages: list[str]) -> None:
    code = (
        "text = environment.Environment().from_string('{% if x %}{{ x + 1 }}{% endif %}').render(x=1)\n"
        "known = nodes.EvalContext is environment.EvalContext is runtime.EvalContext is first\n"
        "hints = nodes.get_eval_context.__annotations__['return'] is first\n"
        "print(json.dumps([text, has_run(), known, hints, '__getattr__' in vars(nodes)]))"
    )
    assert run(packages, START + code) == ["2", True, True, True, False]


def test_the_names_are_those_of_the_module(packages: list[str]) -> None:
    code = "import json, edgeweb, jinja2.nodes as nodes\nprint(json.dumps(sorted(dir(nodes))))"
    assert set(run(packages, code)) - {"__dir__", "__getattr__"} == set(run(packages, code, lean=False))


def test_a_star_import_finds_all(packages: list[str]) -> None:
    code = (
        "import json, edgeweb\nfrom jinja2.nodes import *\n"
        "print(json.dumps(sorted(name for name in globals() if name[0] != '_' and name != 'edgeweb')))"
    )
    assert run(packages, code) == run(packages, code, lean=False)


def test_a_name_that_the_module_does_not_have() -> None:
    code = "try:\n    nodes.Nothing\nexcept AttributeError as error:\n    print(json.dumps(str(error)))"
    assert run(NEWEST, START + code) == "module 'jinja2.nodes' has no attribute 'Nothing'"
    assert run(NEWEST, START + code, lean=False) == "module 'jinja2.nodes' has no attribute 'Nothing'"


def test_annotations_name_the_real_classes() -> None:
    code = (
        "import typing\nhints = typing.get_type_hints(environment.Environment.parse)\n"
        "tree = environment.Environment().parse('{{ x }}')\n"
        "print(json.dumps([isinstance(tree, hints['return']), repr(hints['return'])]))"
    )
    assert run(NEWEST, START + code) == [True, "<class 'jinja2.nodes.Template'>"]


def test_where_annotations_are_shown_they_are_the_classes() -> None:
    code = "import inspect, json, edgeweb\nimport jinja2.environment as e, jinja2.nodes as n\n" + (
        "print(json.dumps(inspect.signature(e.Environment.parse).return_annotation is n.Template))"
    )
    assert run(NEWEST, code) is True


def test_threads_that_read_at_once_find_the_same() -> None:
    code = """
found = []
barrier = threading.Barrier(8)
def read(name):
    barrier.wait()
    found.append(getattr(nodes, name))
names = ["Template", "Output", "Name", "ScopedEvalContextModifier"] * 2
threads = [threading.Thread(target=read, args=(name,)) for name in names]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps([len(found), {each.__name__ for each in found} == set(names), len(set(found))]))
"""
    assert run(NEWEST, START + code) == [8, True, 4]


def test_code_that_is_not_known_is_run() -> None:
    code = """
import sys, types
from edgeweb.lean import template_nodes
results = []
for source in (
    "class Other: pass",
    "class EvalContext:\\n    kind: Missing = 1\\n    x = Missing\\n",
    "def make(y):\\n    class EvalContext:\\n        x = y\\n    return EvalContext",
):
    module = types.ModuleType("jinja2.nodes")
    results.append(template_nodes.defer(module, compile(source, "nodes.py", "exec")))
    results.append("__getattr__" in vars(module))
print(json.dumps(results))
"""
    assert run(NEWEST, START + code) == [False] * 6


def test_jinja_makes_weak_references_without_the_module(packages: list[str]) -> None:
    code = """
        import edgeweb, jinja2.environment as environment, jinja2.loaders as loaders
        made = environment.Environment(loader=loaders.DictLoader({"page": "{{ 1 }}"}))
        texts = [made.get_template("page").render() for _ in range(2)]
        was_loaded = "weakref" in sys.modules
        key = next(iter(made.cache.items()))[0][0]
        import weakref
        answer([texts, was_loaded, type(key) is weakref.ref, environment.weakref.ref is weakref.ref])
        """
    assert run(packages, code) == [["1", "1"], False, True, True]


# The code of a module that is `jinja2.environment` to those who ask for its name.
READ = """
names = {"__name__": "jinja2.environment", "nodes": nodes}
exec(sys.argv[1], names)
before = has_run()
print(json.dumps([before, names["found"] is nodes.Template, has_run(), names["found"].__name__]))
"""


def test_the_top_of_the_environment_gets_stand_ins_whatever_it_imports_from_the_future() -> None:
    for code in ("found = nodes.Template", "from __future__ import annotations\nfound = nodes.Template"):
        assert run(NEWEST, START + READ, code) == [False, False, True, "Template"]


def test_a_function_of_the_environment_gets_the_class() -> None:
    code = "def read():\n    return nodes.Template\nfound = read()"
    assert run(NEWEST, START + READ, code) == [True, True, True, "Template"]


def test_docstrings_are_there_for_those_who_read_them(packages: list[str]) -> None:
    code = "print(json.dumps([bool(each.__doc__) for each in (nodes, nodes.Node, nodes.Node.set_ctx)]))"
    assert run(packages, START + code) == [False] * 3
    assert run(packages, START + "import inspect\n" + code) == [True] * 3
    assert run(packages, START + code, lean=False) == [True] * 3
