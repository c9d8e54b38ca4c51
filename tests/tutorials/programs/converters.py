"""Converters in paths: string, int, float, path, uuid and one of the program's own."""

from flask import Flask
from werkzeug.routing import BaseConverter

app = Flask(__name__)


class ListConverter(BaseConverter):
    def to_python(self, value):
        return value.split(",")

    def to_url(self, values):
        return ",".join(BaseConverter.to_url(self, value) for value in values)


app.url_map.converters["list"] = ListConverter


@app.route("/hello/<name>")
@app.route("/string/<string:name>")
def string(name):
    return f"string {name}"


@app.route("/int/<int:number>")
def integer(number):
    return f"int {number + 1}"


@app.route("/float/<float:number>")
def decimal(number):
    return f"float {number * 2}"


@app.route("/path/<path:subpath>")
def path(subpath):
    return f"path {subpath}"


@app.route("/uuid/<uuid:key>")
def uuid(key):
    return f"uuid {key.hex}"


@app.route("/list/<list:names>")
def names(names):
    return " and ".join(names)
