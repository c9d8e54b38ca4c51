"""Templates given as text: compiled once, kept within bounds, never for another environment."""

from __future__ import annotations

import sys
import threading
from typing import Any

import jinja2
import pytest

from edgeweb import Flask, render_template_string, stream_template_string
from edgeweb.templating import strings
from edgeweb.templating.environment import Environment
from edgeweb.templating.fingerprint import KEPT_STRINGS
from edgeweb.templating.strings import CompiledStrings, from_string


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were compiled."""
    texts: list[str] = []
    real = strings.compile_template

    def compile_template(environment: Any, source: str, name: Any, filename: Any) -> Any:
        texts.append(source)
        return real(environment, source, name, filename)

    monkeypatch.setattr(strings, "compile_template", compile_template)
    return texts


@pytest.fixture
def app() -> Flask:
    return Flask("example")


def test_a_text_is_compiled_once(app: Flask, compiled: list[str]) -> None:
    with app.test_request_context():
        pages = [render_template_string("{{ value }}", value=value) for value in ("<a>", "<b>")]
        assert "".join(stream_template_string("{{ value }}", value=1)) == "1"
    assert pages == ["&lt;a&gt;", "&lt;b&gt;"]
    assert compiled == ["{{ value }}"]


def test_each_call_has_a_template_of_its_own(app: Flask) -> None:
    first, second = (from_string(app.jinja_env, "{% set x = 1 %}{{ x }}") for _ in range(2))
    assert first is not second
    assert first.module.x == 1
    first.globals["y"] = 2
    assert "y" not in second.globals


def test_another_environment_has_others(compiled: list[str]) -> None:
    apps = [Flask("one"), Flask("two")]
    for app in apps:
        from_string(app.jinja_env, "text")
    overlay = apps[0].jinja_env.overlay(autoescape=False)
    assert from_string(overlay, "{{ '<' }}").render() == "<"
    assert from_string(apps[0].jinja_env, "{{ '<' }}").render() == "&lt;"
    assert compiled == ["text", "text", "{{ '<' }}", "{{ '<' }}"]


def test_autoescape_that_is_turned_on_later_escapes(app: Flask) -> None:
    app.jinja_env.autoescape = False
    assert from_string(app.jinja_env, "{{ value }}").render(value="<") == "<"
    app.jinja_env.autoescape = True
    assert from_string(app.jinja_env, "{{ value }}").render(value="<") == "&lt;"


def test_a_filter_that_is_exchanged_is_the_one_that_runs(app: Flask) -> None:
    for passes, expected in ((lambda f: f, "1"), (jinja2.pass_environment, "2")):
        app.jinja_env.filters["own"] = passes(lambda *args: str(len(args)))
        assert from_string(app.jinja_env, "{{ 'x'|own }}").render() == expected


def test_filters_run_each_time_as_they_do_in_flask(app: Flask) -> None:
    """There each call compiles, and so runs a filter on a constant again."""
    count = iter(range(10))
    app.add_template_filter(lambda value: next(count), "count")
    with app.app_context():
        assert [render_template_string("{{ ''|count }}") for _ in range(3)] == ["0", "1", "2"]


def test_the_room_is_bounded_and_the_least_used_goes_first(app: Flask, compiled: list[str]) -> None:
    from_string(app.jinja_env, "a text")
    size = vars(app.jinja_env)[KEPT_STRINGS].bytes
    kept = CompiledStrings(app.jinja_env, max_bytes=5 * size)
    texts = [f"text {number}" for number in range(6)]
    for text in texts[:4]:
        kept.code(text)
    kept.code(texts[0])  # used again
    kept.code(texts[4])
    kept.code(texts[5])
    assert kept.bytes <= kept.max_bytes
    del compiled[:]
    for text in (texts[0], texts[5], texts[4], texts[3]):
        kept.code(text)
    assert compiled == []
    kept.code(texts[1])
    assert compiled == [texts[1]]


@pytest.mark.slow
def test_any_number_of_texts(app: Flask) -> None:
    for number in range(500):
        from_string(app.jinja_env, f"{{{{ value }}}}{number}" * 10)
    kept = vars(app.jinja_env)[KEPT_STRINGS]
    assert 10 < len(kept) < 500
    assert kept.max_bytes // 2 < kept.bytes <= kept.max_bytes == 256 * 1024
    assert kept.bytes == sum(size for _, size in kept._kept.values())


def test_a_large_text_does_not_drive_out_the_others(app: Flask, compiled: list[str]) -> None:
    from_string(app.jinja_env, "small")
    large = "x" * 100_000
    assert from_string(app.jinja_env, large).render() == large
    from_string(app.jinja_env, "small")
    from_string(app.jinja_env, large)
    assert compiled == ["small", large, large]


def test_the_size_is_about_what_the_code_takes(app: Flask) -> None:
    import marshal

    source = "{% for x in range(10) %}{{ x }}{% if x %}{{ x|upper }}{% endif %}{% endfor %}" * 5
    code = strings.compile_template(app.jinja_env, source, None, None)
    size = strings._size(code)
    assert sys.getsizeof(code.co_code) + sys.getsizeof(code) < size
    assert len(marshal.dumps(code)) < 2 * size < 10 * len(marshal.dumps(code))


def test_errors_are_not_kept(app: Flask, compiled: list[str]) -> None:
    for _ in range(2):
        with pytest.raises(jinja2.TemplateSyntaxError):
            from_string(app.jinja_env, "{% if %}")
    assert len(compiled) == 2
    assert len(vars(app.jinja_env)[KEPT_STRINGS]) == 0


def test_an_environment_with_its_own_from_string(compiled: list[str]) -> None:
    class Own(Environment):
        def from_string(
            self, source: Any, globals: Any = None, template_class: Any = None
        ) -> jinja2.Template:
            return super().from_string(f"own {source}", globals, template_class)

    app = Flask("example")
    app.jinja_environment = Own
    with app.app_context():
        assert render_template_string("{{ 1 }}") == "own 1"
    assert compiled == []


def test_a_tree_in_place_of_a_text(app: Flask) -> None:
    tree = app.jinja_env.parse("{{ 1 }}")
    with app.app_context():
        assert render_template_string(tree) == "1"  # type: ignore[arg-type]


@pytest.mark.slow
def test_many_threads(app: Flask) -> None:
    gate = threading.Barrier(8)
    wrong: list[str] = []
    kept = CompiledStrings(app.jinja_env, max_bytes=20_000)

    def work() -> None:
        gate.wait()
        for number in range(200):
            text = f"text {number % 23}"
            if text not in repr(kept.code(text).co_consts) and text not in repr(
                [part.co_consts for part in kept.code(text).co_consts if hasattr(part, "co_consts")]
            ):
                wrong.append(text)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []
    assert kept.bytes == sum(size for _, size in kept._kept.values()) <= 20_000
