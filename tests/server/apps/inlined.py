"""Views that are marked to be served on the loop, and one that is not; each says which thread served it."""

import threading
import time

from edgeweb import Flask, Response, abort, inline, request

app = Flask(__name__)
seen = []


@app.before_request
def before():
    seen.append("before " + threading.current_thread().name)


@app.after_request
def after(response):
    response.headers["X-Thread"] = threading.current_thread().name
    return response


@app.get("/level/<int:number>")
@inline
def level(number):
    return {"level": number}


@app.route("/both", methods=["GET", "POST"])
@inline
def both():
    return request.get_data(as_text=True) or "nothing"


@app.get("/unmarked")
def unmarked():
    return "worker"


@app.get("/slow")
@inline
def slow():
    time.sleep(0.2)
    return "slow"


@app.get("/fails")
@inline
def fails():
    raise RuntimeError("as asked")


@app.get("/refuses")
@inline
def refuses():
    abort(418)


@app.get("/large")
@inline
def large():
    return Response(b"x" * 100_000 for _ in range(100))


@app.get("/exits")
@inline
def exits():
    raise SystemExit(3)


@inline
def bare(environ, start_response):
    name = threading.current_thread().name.encode()
    start_response("200 OK", [("Content-Length", str(len(name)))])
    return [name]
