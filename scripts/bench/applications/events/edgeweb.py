from itertools import count

from edgeweb import Flask
from edgeweb.events import Topic

app = Flask(__name__)
topic = Topic()
numbers = count(1)


@app.get("/")
def hello():
    return "Hello, world!"


@app.get("/events")
def events():
    return topic.stream()


@app.post("/publish")
def publish():
    topic.publish(f"event {next(numbers):06}")
    return "Published"
