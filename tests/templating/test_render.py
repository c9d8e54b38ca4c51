"""edgeweb.templating.render and the functions over it: what a template sees, the signals, streams."""

from __future__ import annotations

import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
from jinja2 import TemplateNotFound

from tests.witness import both


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "page.html").write_text("{{ value }} {{ request.path if request }} {{ g.x if g }}")
    (tmp_path / "plain.txt").write_text("{{ value }}")
    (tmp_path / "outer.html").write_text("{% from 'macros.html' import where with context %}{{ where() }}")
    (tmp_path / "macros.html").write_text("{% macro where() %}{{ value }} {{ g.x }}{% endmacro %}")
    return tmp_path


def _app(framework: t.Any, folder: Path) -> t.Any:
    return framework.Flask("example", root_path=str(folder), template_folder=".")


@both
def test_values_win_over_processors_and_blueprints_over_the_application(
    framework: t.Any, folder: Path
) -> None:
    app = _app(framework, folder)
    outer, inner = (framework.Blueprint(name, __name__) for name in ("outer", "inner"))
    for owner, name in ((app, "app"), (outer, "outer"), (inner, "inner")):
        owner.context_processor(lambda name=name: {"who": name, f"by_{name}": name, "value": name})
    source = "{{ who }} {{ by_app }} {{ by_outer }} {{ by_inner }} {{ value }}"
    for owner, path in ((app, "/app"), (outer, "/outer"), (inner, "/inner")):
        owner.add_url_rule(path, "view", lambda: framework.render_template_string(source, value="passed"))
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    client = app.test_client()
    assert [client.get(path).text for path in ("/app", "/outer", "/inner")] == [
        "app app   passed",
        "outer app outer  passed",
        "inner app outer inner passed",
    ]


@both
def test_request_session_and_g_are_there_as_far_as_they_are(framework: t.Any, folder: Path) -> None:
    app = _app(framework, folder)
    app.secret_key = "key"
    with app.app_context():
        framework.g.x = 1
        assert framework.render_template("page.html", value="<v>") == "&lt;v&gt;  1"
        assert framework.render_template("plain.txt", value="<v>") == "<v>"
    with app.test_request_context("/path"):
        framework.g.x = 2
        assert framework.render_template("page.html", value=1) == "1 /path 2"
        assert framework.render_template("outer.html", value=1) == "1 2"
        framework.session["name"] = "ada"
        assert framework.render_template_string("{{ session.name }}") == "ada"


@both
def test_a_template_that_does_not_look_leaves_the_session_alone(framework: t.Any) -> None:
    app = framework.Flask("example")
    app.secret_key = "key"
    sources = {"/blind": "nothing", "/seeing": "{{ session.get('x') }}"}
    app.add_url_rule(
        "/<name>", "view", lambda name: framework.render_template_string(sources[framework.request.path])
    )
    client = app.test_client()
    assert [client.get(path).headers.get("Vary") for path in sources] == [None, "Cookie"]


@both
@pytest.mark.parametrize(
    ("names", "text"),
    [("plain.txt", "v"), (["missing.html", "plain.txt", "page.html"], "v")],
)
def test_the_first_that_exists(framework: t.Any, folder: Path, names: t.Any, text: str) -> None:
    app = _app(framework, folder)
    with app.app_context():
        assert framework.render_template(names, value="v") == text
        assert framework.render_template(app.jinja_env.get_template("plain.txt"), value="w") == "w"
        assert "".join(framework.stream_template(names, value="v")) == text


@both
@pytest.mark.parametrize("names", ["missing.html", ["missing.html", "gone.html"], "../secret.html"])
def test_none_that_exists(framework: t.Any, folder: Path, names: t.Any) -> None:
    (folder.parent / "secret.html").write_text("secret")
    with _app(framework, folder).app_context(), pytest.raises(TemplateNotFound):
        framework.render_template(names)


@both
def test_signals(framework: t.Any, folder: Path) -> None:
    app = _app(framework, folder)
    heard: list[tuple[str, str | None, t.Any]] = []

    def before(sender: t.Any, template: t.Any, context: dict[str, t.Any], **extra: t.Any) -> None:
        heard.append(("before", template.name, context["value"]))
        context["value"] = "changed"

    def after(sender: t.Any, template: t.Any, context: dict[str, t.Any], **extra: t.Any) -> None:
        heard.append(("after", template.name, context["value"]))

    with (
        framework.before_render_template.connected_to(before, app),
        framework.template_rendered.connected_to(after, app),
        app.test_request_context("/"),
    ):
        assert framework.render_template("plain.txt", value="given") == "changed"
        stream = framework.stream_template_string("{{ value }}", value="given")
        assert heard[2:] == [("before", None, "given")]
        assert "".join(stream) == "changed"
    assert heard == [
        *(("before", "plain.txt", "given"), ("after", "plain.txt", "changed")),
        *(("before", None, "given"), ("after", None, "changed")),
    ]


@both
def test_streams_come_in_pieces_and_keep_their_request(framework: t.Any) -> None:
    app = framework.Flask("example")
    source = "{% for n in [1, 2] %}{{ request.path }}{{ n }};{% endfor %}"
    app.add_url_rule("/s", view_func=lambda: framework.stream_template_string(source))
    assert app.test_client().get("/s").text == "/s1;/s2;"
    with app.test_request_context("/t"):
        stream = framework.stream_template_string(source)
    assert len(list(stream)) > 1
    with app.app_context():
        assert "".join(framework.stream_template_string("{{ 1 + 1 }}")) == "2"


def test_an_application_without_templates_does_not_load_jinja(tmp_path: Path) -> None:
    code = (
        "import io, sys\nfrom edgeweb import Flask\n"
        "app = Flask('example')\napp.add_url_rule('/', view_func=lambda: {})\n"
        "environ = {'REQUEST_METHOD': 'GET', 'PATH_INFO': '/', 'SERVER_NAME': 's', 'SERVER_PORT': '80'}\n"
        "environ |= {'wsgi.url_scheme': 'http', 'wsgi.input': io.BytesIO()}\n"
        "body = app(environ, lambda *a: None)\n"
        "print(list(body), [name for name in sys.modules if name.partition('.')[0] == 'jinja2'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == r"[b'{}\n'] []"


@both
@pytest.mark.parametrize("kind", ["render", "stream"])
@pytest.mark.parametrize("suffix", ["", "_string"])
def test_a_private_function_that_is_replaced_is_not_called(
    framework: t.Any, folder: Path, monkeypatch: pytest.MonkeyPatch, kind: str, suffix: str
) -> None:
    """Flask-Testing replaces `flask.templating._render`, so that pages are not rendered in a test."""
    templating = sys.modules[f"{framework.__name__}.templating"]
    monkeypatch.setattr(templating, f"_{kind}", lambda app, template, context: "replaced")
    with _app(framework, folder).app_context():
        assert getattr(framework, f"{kind}_template{suffix}")("plain.txt", value=1) == "replaced"
