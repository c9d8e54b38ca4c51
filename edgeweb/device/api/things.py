"""Channels and sensors that are added, changed, tried and removed while the device runs. For admins only.

    $ curl -X POST -d '{"id": "lamp", "driver": "gpio", "mode": "output", "line": "GPIO17"}' \\
        -H 'Content-Type: application/json' http://127.0.0.1:8080/api/v1/channels
    $ curl -X DELETE http://127.0.0.1:8080/api/v1/channels/lamp
"""

from __future__ import annotations

from edgeweb import Response

from ..access.roles import needs
from ..config.checks import NAME, NAME_RULE
from ..config.schema import FAMILIES
from ..http.body import read_object
from ..http.confirm import confirmed
from ..http.contract import Parts, Schema, Schemas, contract
from ..http.current import actor, current_device
from ..http.etag import conditional, is_expected, tagged
from ..http.on_demand import on_demand
from ..http.problems import Problem, error_row
from .blueprint import api
from .channels import SWITCH_PROBLEMS
from .settings import PATCH_TYPES, need_tag

#: The address below a thing's own that has the tag of a change: what is known of the thing changes always.
_TAGGED = "/definition"


def _register(family: str) -> None:
    """Register the views of a family: `add_channel`, `change_channel`, ..."""
    word = family.removesuffix("s")
    unknown, answer = f"unknown-{word}", f"{word.title()}Definition"

    @needs("admin")
    @contract(answer=answer, problems=(unknown,))
    def definition(name: str) -> Response:
        tag = current_device().things.tag(family, name)
        return conditional(tag, lambda: to_json(family, name))

    @needs("admin")
    @confirmed("things")
    @contract(body=f"New{word.title()}", answer=answer, status=201, problems=("unconfirmed", "conflict"))
    def add() -> Response:
        table = read_object()
        name = _read_name(table.pop("id", None))
        current_device().things.add(actor(), family, name, table)
        return _answer(family, name, 201)

    @needs("admin")
    @confirmed("things")
    @contract(
        body=f"{word.title()}Change",
        media=PATCH_TYPES,
        headers=("If-Match",),
        answer=answer,
        problems=("unconfirmed", "precondition-required", unknown),
        precondition=_TAGGED,
    )
    def change(name: str) -> Response:
        need_tag()
        current_device().things.change(actor(), family, name, read_object(PATCH_TYPES), is_expected)
        return _answer(family, name)

    @needs("admin")
    @confirmed("things")
    @contract(status=204, problems=("unconfirmed", unknown), precondition=_TAGGED)
    def remove(name: str) -> Response:
        current_device().things.remove(actor(), family, name, is_expected)
        return Response(status=204)

    base = f"/{family}/<name>"
    for method, rule, view, name, meaning in (
        ("GET", f"{base}/definition", definition, f"{word}_definition", _DEFINITION),
        ("POST", f"/{family}", add, f"add_{word}", "Add a {}. It is opened at once, and kept on the device."),
        ("PATCH", base, change, f"change_{word}", _CHANGE),
        ("DELETE", base, remove, f"remove_{word}", "Remove a {}, also one of the profile's files."),
    ):
        view.__name__ = view.__qualname__ = name
        view.__doc__ = meaning.format(word)
        api.add_url_rule(rule, view_func=view, methods=[method])


_DEFINITION = "Return the keys of a {} that are set, in files of the profile or on the device."
_CHANGE = (
    "Change keys of a {}, all of them or none; null removes one (RFC 7396). One with another driver, kind or"
    " line is closed and opened. `If-Match` has the tag of its definition."
)
for _family in FAMILIES:
    _register(_family)


@api.post("/channels/<name>/test")
@needs("admin")
@confirmed("things")
@contract(
    body="ChannelTable",
    answer="Channel",
    problems=("unconfirmed", "conflict", "too-many-waiting", *SWITCH_PROBLEMS),
)
def try_channel(name: str) -> dict[str, object]:
    """Try a channel before it is kept: an output is pulsed once, an input is read. Nothing is kept."""
    device = current_device()
    return device.try_channel(actor(), _read_name(name), read_object(), device.channel)


def to_json(family: str, name: str) -> dict[str, object]:
    """Return a definition as the API shows it."""
    things = current_device().things
    origin = "device" if things.is_of_device(family, name) else "profile"
    return {"id": name, "origin": origin, "definition": things.definition(family, name)}


def _answer(family: str, name: str, status: int = 200) -> Response:
    return tagged(current_device().things.tag(family, name), to_json(family, name), status)


def _read_name(name: object) -> str:
    if isinstance(name, str) and NAME.fullmatch(name):
        return name
    detail = f"expected {NAME_RULE}"
    raise Problem("invalid-fields", f"/id: {detail}", [error_row(("id",), detail)])


@on_demand
def parts() -> Parts:
    """Return what stands in the addresses."""
    return {"name": ("lamp", "Name of a channel or a sensor.")}


@on_demand
def schemas() -> Schemas:
    """Return the schemas of this module's answers and bodies."""
    from ..config.checks import KINDS, expectation
    from ..config.outside import usable
    from ..config.things import runs_programs
    from ..http.schemas import one_of, record, text

    found: Schemas = {}
    for family, one in FAMILIES.items():
        word = family.removesuffix("s").title()
        keys: dict[str, Schema] = {}
        # what runs programs is no one's to name here
        choices = [choice for choice in usable(family) if not runs_programs(family, choice)]
        for row in (*one.rows, *(row for choice in choices for row in one.more(choice))):
            schema = dict(KINDS[row.kind].schema(row.limits))
            meaning = f"{row.meaning} Expects {expectation(row.kind, row.limits)}."
            keys.setdefault(row.path.rpartition(".")[2], {**schema, "description": meaning})
        keys[one.selector] = one_of(keys[one.selector]["description"], *choices)
        needed = [key for key in (one.selector, "mode") if key in keys]
        closed = {"type": "object", "additionalProperties": False}
        name = text(f"Name of the {word.lower()}.", "lamp" if family == "channels" else "soil")
        if family == "channels":
            found["ChannelTable"] = {**closed, "properties": keys, "required": needed}
        found[f"New{word}"] = {**closed, "properties": {"id": name, **keys}, "required": ["id", *needed]}
        found[f"{word}Change"] = {**closed, "properties": {key: _or_null(keys[key]) for key in keys}}
        found[f"{word}Definition"] = record(
            id=name,
            origin=one_of("Where it stands: in files of the profile, or on the device.", "profile", "device"),
            definition={
                "type": "object",
                "properties": keys,
                "description": "The keys that are set; a duration in seconds.",
            },
        )
    return found


def _or_null(schema: Schema) -> Schema:
    from ..http.schemas import nullable

    return nullable(schema) if "type" in schema else {"anyOf": [schema, {"type": "null"}]}
