"""Flask-RESTful, as its quick start begins: resources, arguments, marshalled fields, errors as JSON."""

import json

from flask import Blueprint, Flask
from flask_restful import Api, Resource, abort, fields, marshal_with, reqparse

app = Flask(__name__)
app.config["PROPAGATE_EXCEPTIONS"] = False
app.logger.disabled = True
api = Api(app)
TODOS = {"todo1": {"task": "build an API"}}

parser = reqparse.RequestParser()
parser.add_argument("task", required=True, help="say what to do")
parser.add_argument("rank", type=int, location="args", default=3)


class Todo(Resource):
    def get(self, todo_id):
        if todo_id not in TODOS:
            abort(404, message=f"Todo {todo_id} doesn't exist")
        return TODOS[todo_id]

    def put(self, todo_id):
        TODOS[todo_id] = dict(parser.parse_args())
        return TODOS[todo_id], 201, {"X-Todo": todo_id}


class Uri(Resource):
    @marshal_with({"task": fields.String, "uri": fields.Url("todo"), "hidden": fields.Boolean(default=False)})
    def get(self, todo_id):
        return {**TODOS[todo_id], "todo_id": todo_id, "secret": "left out"}


class Broken(Resource):
    def get(self):
        raise RuntimeError("broken")


api.add_resource(Todo, "/todos/<todo_id>", endpoint="todo")
api.add_resource(Uri, "/uris/<todo_id>")
api.add_resource(Broken, "/broken")

version_2 = Blueprint("v2", __name__, url_prefix="/v2")
second_api = Api(version_2)


@second_api.resource("/hello")
class Hello(Resource):
    def get(self):
        return {"hello": "world"}


app.register_blueprint(version_2)


@app.get("/plain")
def plain():
    return "no resource"


client = app.test_client()
for method, path, arguments in [
    ("GET", "/todos/todo1", {}),
    ("GET", "/todos/todo7", {}),
    ("PUT", "/todos/todo2?rank=5", {"json": {"task": "test it"}}),
    ("PUT", "/todos/todo3", {"json": {}}),
    ("PUT", "/todos/todo3?rank=high", {"json": {"task": "x"}}),
    ("DELETE", "/todos/todo1", {}),
    ("GET", "/uris/todo2", {}),
    ("GET", "/broken", {}),
    ("GET", "/v2/hello", {}),
    ("GET", "/v2/nowhere", {}),
    ("GET", "/nowhere", {}),
    ("GET", "/plain", {}),
]:
    response = client.open(path, method=method, **arguments)
    body = response.json if response.is_json else response.text[:20]
    print(json.dumps([response.status_code, body, response.headers.get("X-Todo")]))
