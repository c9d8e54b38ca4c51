"""Flask-RESTX as its documentation has it: a namespace, models, a parser, an error handler, Swagger."""

from __future__ import annotations

from flask import Flask
from flask_restx import Api, Resource, fields, reqparse

app = Flask(__name__)
api = Api(app, version="1.0", title="Todos", description="A list of what is to be done")
todos = api.namespace("todos", description="What is to be done")
todo = todos.model(
    "Todo", {"id": fields.Integer(readonly=True), "task": fields.String(required=True, min_length=2)}
)
parser = reqparse.RequestParser()
parser.add_argument("limit", type=int, default=10, location="args", help="How many")
LIST: list[dict[str, object]] = [{"id": 1, "task": "water the tomatoes"}]


class Refused(Exception):
    """A task that is not taken."""


@api.errorhandler(Refused)
def refused(error: Refused) -> tuple[dict[str, str], int, dict[str, str]]:
    """Answer for tasks that are not taken."""
    return {"message": f"refused: {error}"}, 409, {"X-Reason": "full"}


@todos.route("/")
class Todos(Resource):  # type: ignore[misc]
    """All of them."""

    @todos.expect(parser)
    @todos.marshal_list_with(todo, envelope="todos")
    def get(self) -> list[dict[str, object]]:
        """Return some."""
        return LIST[: parser.parse_args()["limit"]]

    @todos.expect(todo, validate=True)
    @todos.marshal_with(todo, code=201)
    def post(self) -> tuple[dict[str, object], int]:
        """Add one."""
        if api.payload["task"] == "nothing":
            raise Refused("nothing is no task")
        LIST.append({"id": len(LIST) + 1, **api.payload})
        return LIST[-1], 201


@todos.route("/<int:number>")
@todos.response(404, "There is no such one")
class Todo(Resource):  # type: ignore[misc]
    """One of them."""

    @todos.marshal_with(todo)
    def get(self, number: int) -> dict[str, object]:
        """Return one."""
        return next((one for one in LIST if one["id"] == number), None) or api.abort(404, f"no {number}")
