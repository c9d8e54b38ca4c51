"""The application context: current_app outside of one, inside one, and in a request."""

from flask import Flask, current_app

app = Flask(__name__)
app.config["GREETING"] = "hello"


def greeting():
    return current_app.config["GREETING"]


try:
    greeting()
except RuntimeError as error:
    OUTSIDE = str(error).splitlines()[0]

with app.app_context():
    INSIDE = f"{greeting()} from {current_app.name}"


@app.route("/outside")
def outside():
    return OUTSIDE


@app.route("/inside")
def inside():
    return INSIDE


@app.route("/request")
def in_request():
    return greeting()
