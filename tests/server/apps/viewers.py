"""A topic with viewers. `QUICK_HEARTBEAT` in the environment: a comment after each second without a byte."""

import os

from edgeweb import Flask, request
from edgeweb.events import Topic

if "QUICK_HEARTBEAT" in os.environ:
    from edgeweb.server import channel

    channel.HEARTBEAT_SECONDS = 0.5  # type: ignore[attr-defined]

app = Flask(__name__)
topic = Topic(history=8)


@app.get("/events")
def events():
    return topic.stream(owner=request.args.get("owner"))


@app.get("/viewers")
def viewers():
    return {"viewers": topic.viewers}


@app.post("/publish")
def publish():
    text = request.get_data(as_text=True) * int(request.args.get("times", "1"))
    for _ in range(int(request.args.get("events", "1"))):
        identity = topic.publish(text)
    return {"id": identity}


@app.post("/end")
def end():
    topic.end(lambda owner: owner == request.args["owner"])
    return {}
