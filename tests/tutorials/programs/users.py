"""Requests: a number in the path, query parameters with defaults, a JSON body, a form, methods told apart."""

from flask import Flask, jsonify, request

app = Flask(__name__)
USERS = {1: "ada", 2: "grace"}


@app.route("/users/<int:user_id>")
def get_user(user_id):
    if user_id not in USERS:
        return jsonify({"error": "User not found"}), 404
    return jsonify({"id": user_id, "name": USERS[user_id]})


@app.route("/search")
def search():
    query = request.args.get("q", "")
    page = request.args.get("page", default=1, type=int)
    return {"q": query, "page": page, "tags": request.args.getlist("tag")}


@app.route("/echo", methods=["POST"])
def echo():
    return jsonify(request.get_json())


@app.route("/login", methods=["POST"])
def login():
    return dict(request.form)


@app.get("/items")
def list_items():
    return ["first", "second"]


@app.post("/items")
def create_item():
    return {"created": request.json["name"]}, 201, {"Location": "/items/3"}
