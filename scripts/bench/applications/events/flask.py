from itertools import count
from queue import SimpleQueue

from flask import Flask, Response

app = Flask(__name__)
viewers = []
numbers = count(1)


@app.get("/")
def hello():
    return "Hello, world!"


@app.get("/events")
def events():
    viewer = SimpleQueue()
    viewers.append(viewer)

    def stream():
        yield "retry: 2000\n\n"
        while True:
            yield f"data: {viewer.get()}\n\n"

    return Response(stream(), mimetype="text/event-stream")


@app.post("/publish")
def publish():
    text = f"event {next(numbers):06}"
    for viewer in viewers:
        viewer.put(text)
    return "Published"
