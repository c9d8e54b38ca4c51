"""Templates that use every statement and every kind of expression of Jinja2, and values for them."""

from __future__ import annotations

from typing import Any

TEMPLATES: dict[str, str] = {
    "layout.html": """<!doctype html>
<title>{% block title %}Layout{% endblock %}</title>
{% block body scoped required %}{% endblock %}
{%- block foot %} foot of {{ self.title() }} {% endblock foot %}
{% for item in items %}{% block item scoped %}{{ item }};{% endblock %}{% endfor %}
""",
    "middle.html": """{% extends "layout.html" %}
{% set greeting = "set in the middle" %}
not shown
{% block title %}Middle of {{ super() }}{% endblock %}
{% block body %}body {{ greeting }}{% endblock %}
""",
    "page.html": """{% extends "mid" ~ "dle.html" %}
{% import "macros.html" as macros %}
{% from "macros.html" import field, row as line with context %}
{% block title %}{{ super() }} and {{ super.super() }}{% endblock %}
{% block body %}
  {{- super() }} {{ macros.field("a", size=3) }} {{ line(1, 2, *items, key="<k>", **extra) }}
  {% include "part.html" %}{% include "part.html" without context %}
  {% include "no.html" ignore missing %}{% include ["no.html", "part.html"] with context %}
  {% include layout_name ~ ".html" ignore missing without context %}
{% endblock %}
{% block item %}<{{ item|upper }}>{{ super() }}{% endblock %}
""",
    "maybe.html": "{% if parent %}{% extends parent %}{% endif %}\n"
    "{% block title %}maybe{% endblock %} own text",
    "part.html": "[part {{ value }} {{ greeting is defined }}]\n",
    "macros.html": """{% macro field(name, value="", size=10) -%}
<input name="{{ name }}" value="{{ value|e }}" size="{{ size }}">
{%- endmacro %}
{% macro row() %}{{ varargs|join(",") }} {{ kwargs|dictsort }} {{ value }}{% endmacro %}
{% macro boxed(title) %}<h2>{{ title }}</h2>{{ caller(title, 2) }}{% endmacro %}
{% macro plain() %}({{ caller() }}){% endmacro %}
{% macro _private() %}{% endmacro %}
{% set version = "1.2" %}""",
    "loops.html": """{% for key, number in numbers|dictsort recursive %}
{{ loop.index }} {{ loop.index0 }} {{ loop.revindex }} {{ loop.first }} {{ loop.last }} {{ loop.length }}
{{ loop.cycle("odd", "even") }} {{ loop.changed(number % 2) }} {{ loop.depth }}
{{ loop.previtem }} {{ loop.nextitem }}
{% if number is mapping %}{{ loop(number.items()) }}{% endif %}
{% else %}never{% endfor %}
{% for x in [] %}x{% else %}nothing{% endfor %}
{% for x in range(10) if x is odd and x != 3 %}{{ x }}{{ "," if not loop.last }}{% endfor %}
{% for x in range(10) %}
  {%- if x == 2 %}{% continue %}{% elif x > 5 %}{% break %}{% else %}{{ x }}{% endif -%}
{% endfor %}
{% for a, (b, c) in nested %}{{ a }}{{ b }}{{ c }}{% endfor %}
""",
    "scopes.html": """{% set plain = 1 %}{% set a, b = 2, 3 %}{% set ns = namespace(total=0, **extra) %}
{% set block %}<b>{{ plain }}</b>{% endset %}
{% set shout | upper | replace("X", "Y") %}ax{{ b }}{% endset %}
{% for x in items %}{% set ns.total = ns.total + 1 %}{% set plain = x %}{% endfor %}
{{ plain }}{{ a }}{{ b }}{{ ns.total }}{{ block }}{{ shout }}
{% with %}{% set inner = 1 %}{{ inner }}{% endwith %}
{% with x = 1, y = plain %}{{ x }}{{ y }}{% endwith %}{{ x }}
{% do items_copy.append(value) %}{{ items_copy }}
{% if value %}{% set only = 1 %}{% endif %}{{ only }}
""",
    "calls.html": """{% import "macros.html" as macros with context %}
{% call(title, count) macros.boxed("<t>") %}{{ title }}{{ count }}{{ value }}{% endcall %}
{% call macros.plain() %}no arguments{% endcall -%}
{{ macros.version }} {{ macros._private is defined }} {{ macros.nothing is defined }}
{% macro inner(x, y=x ~ "!") %}{{ x }}{{ y }}{{ caller is defined }}{{ caller() if caller }}{% endmacro %}
{{ inner(1) }}{{ inner("a", "b") }}{{ inner.name }}{{ inner.arguments }}{{ inner.catch_kwargs }}
""",
    "filters.html": """{% filter upper %}shout {{ value }}{% endfilter %}
{% filter replace("a", "b")|title %}a cat{% endfilter %}
{{ value|default("none")|e|length }} {{ missing|default("none") }} {{ [3, 1, 2]|sort|join("-") }}
{{ items|map("upper")|select("ne", "B")|list }}
{{ people|map(attribute="name")|join(", ", attribute=none) }}
{{ people|groupby("group")|list }} {{ people|sum(attribute="age") }} {{ "%s-%s"|format(1, value) }}
{{ "a<b"|escape }} {{ "a<b"|safe }} {{ "<i>x</i>"|striptags }} {{ value|forceescape }}
{{ {"a": value}|tojson }} {{ "x"|tojson }} {{ "x"|own }} {{ value|own }}
{{ {"class": "x", "id": none}|xmlattr }} {{ "see www.example.org"|urlize }}
{{ 1234567|filesizeformat }} {{ 3.7|round|int }} {{ "long text here"|truncate(8) }} {{ "a b"|wordcount }}
""",
    "expressions.html": """{{ 1 + 2 * 3 - 4 / 2 // 1 % 5 ** 2 }} {{ -value_number }} {{ +1 }}
{{ value ~ 1 ~ none }} {{ not value or missing and 1 }} {{ 1 < value_number <= 5 != 3 }}
{{ "a" in "abc" }} {{ 1 not in [2] }} {{ 3 >= 2 > 1 == 1 }}
{{ [1, "two", (3,), {"four": 4}, true, none, 1.5, 1e3, 0x1f, 1_000] }} {{ () }} {{ "a" "b" }} {{ 'quo"te' }}
{{ items[0] }} {{ items[1:] }} {{ items[::-1] }} {{ items[-1:5:2] }}
{{ numbers.a }} {{ numbers["b"] }} {{ numbers.get("z", 1) }}
{{ "yes" if value else "no" }} {{ "nothing" if missing }} {{ value is string and value is not number }}
{{ 4 is divisibleby 2 }} {{ 4 is divisibleby(3) }} {{ value is own_test }} {{ "x" is own_test }}
{{ missing is undefined }} {{ dict(a=1, **extra) }} {{ range(*pair)|list }} {{ lipsum is callable }}
{{ cycler("a", "b").next() }} {{ joiner()() }} {{ {"a": 1}["a"] }} {{ "const" | upper }}
{{ "<" }} {{ "<"|safe }} {{ none }} {{ true and "x" }} {{ [1][0] }} {{ 2 ** 3 }}
""",
    "escaping.html": """{{ value }}{% autoescape false %}{{ value }}{{ "<" }}{% endautoescape %}
{% autoescape true %}{{ value }}{{ "<" ~ value }}
{% set x %}<{{ value }}>{% endset %}{{ x }}{% endautoescape %}
{% autoescape switch %}{{ value }}{{ "<" }}{{ value ~ "<" }}{{ "<"|upper }}{% endautoescape %}
""",
    "plain.txt": "{{ value }} is not escaped {{ '<' }}\n\n",
    "raw.html": "{% raw %}{{ not }} {% this %} {# either #}{% endraw %}{# a comment #}\n"
    "{%- raw -%}\n x {% endraw +%}\nend",
    "white.html": "a\n  {%- if 1 -%}  b  {%- endif +%}\n  {{- 1 -}}  c\n"
    "   {% if 1 %}\n  d\n   {% endif %}\n{#- x -#} e \n",
    "translated.html": """{% trans %}Hello{% endtrans %} {% trans user=value %}Hello {{ user }}!{% endtrans %}
{% trans count=items|length %}one{% pluralize %}{{ count }} of them{% endtrans %}
{% trans trimmed %}
  two
  lines
{% endtrans %} {% trans "context" %}x{% endtrans %} {{ _("<x>") }} {{ ngettext("one", "%(num)s", 2) }}
{% trans notrimmed n=1 %} 1 {% pluralize n %} many {% endtrans %}
""",
    "printed.html": "{% print value, 1, 'x' %}{% print items %}\n",
    "signs.html": "{{ '{{' }} é ü 日本 \U0001f600 {{ '日本' }} \\ ' \" {{ \"it's\" }} {{ '\\n' }}\r\n"
    "next\rlast",
    "empty.html": "",
    "undefined.html": "[{{ missing }}][{{ missing_too|default('d') }}][{% for x in missing %}{% endfor %}]",
}


class Person:
    def __init__(self, name: str, age: int, group: str) -> None:
        self.name, self.age, self.group = name, age, group

    def __repr__(self) -> str:
        return f"<{self.name}>"


def values() -> dict[str, Any]:
    """New ones each time: a template may change them."""
    return {
        "value": "<v & 'w'>",
        "value_number": 4,
        "items": ["a", "b", "<c>"],
        "items_copy": ["x"],
        "numbers": {"a": 1, "b": 2},
        "nested": [(1, (2, 3)), ("<", (">", "&"))],
        "people": [Person("Ann", 30, "x"), Person("Bob", 40, "y"), Person("Cy", 50, "x")],
        "extra": {"more": "<m>"},
        "pair": (2, 5),
        "switch": True,
        "parent": "middle.html",
        "layout_name": "part",
    }
