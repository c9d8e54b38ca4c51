"""Flask-SocketIO: events that see the session of the HTTP request."""

import json

from flask import Flask, request, session
from flask_socketio import SocketIO, emit, send

app = Flask(__name__)
app.config["SECRET_KEY"] = "not a secret"
socketio = SocketIO(app, async_mode="threading")


@app.get("/")
def index():
    session["name"] = "ada"
    return "index"


@socketio.on("connect")
def connect():
    emit("welcome", {"name": session.get("name"), "namespace": request.namespace})


@socketio.on("json")
def count(message):
    session["count"] = session.get("count", 0) + 1
    send({"count": session["count"], **message}, json=True)


@socketio.on("sum")
def add(numbers):
    emit("done", numbers, broadcast=True)
    return sum(numbers)


browser = app.test_client()
browser.get("/")
client = socketio.test_client(app, flask_test_client=browser)
print(json.dumps([client.is_connected(), client.get_received()[0]["args"]]))
client.send({"a": 1}, json=True)
client.send({"a": 2}, json=True)
print(json.dumps([message["args"] for message in client.get_received()]))
print(json.dumps([client.emit("sum", [1, 2], callback=True), client.get_received()[0]["args"]]))
print(json.dumps(browser.get("/socket.io/?EIO=4&transport=polling").status_code))
