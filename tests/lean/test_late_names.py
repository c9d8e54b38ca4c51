"""A name that is imported late: from a relative module, and in a union of types."""

from __future__ import annotations

import pytest

from .conftest import NEWEST, run

PRESENT = """
    import types, edgeweb
    from edgeweb.lean.lazy import execute, resolve
    for name in ("top", "top.one", "top.one.two", "top.other", "top.one.other", "top.one.two.other"):
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].found = type(name, (), {})
    def found(text, source):
        namespace = {"__name__": "top.one.two.mine", "__package__": "top.one.two"}
        execute(compile(text, "mine", "exec"), namespace, frozenset([source]))
        return namespace["found"]
    """


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("from .other import found", "top.one.two.other"),
        ("from ..other import found", "top.one.other"),
        ("from ...other import found", "top.other"),
        ("from top.other import found", "top.other"),
    ],
)
def test_a_relative_import_is_late_at_every_level(text: str, source: str) -> None:
    code = "late = found(*sys.argv[1:])\nanswer([type(late).__name__, resolve(late).__name__])"
    assert run(NEWEST, PRESENT + "\n    " + code.replace("\n", "\n    "), text, source) == [
        "LazyObject",
        source,
    ]


def test_a_late_class_is_united_from_either_side() -> None:
    code = """
    late, again = (found("from .other import found", "top.one.two.other") for _ in range(2))
    answer([str(late | None), str(None | again)])
    """
    united = ["mine.top.one.two.other | None", "None | mine.top.one.two.other"]
    assert [text.replace("__main__", "mine") for text in run(NEWEST, PRESENT + code)] == united
