import time

from edgeweb import Flask

app = Flask(__name__)


@app.get("/")
def hello():
    return "Hello, world!"


@app.get("/sleep")
def sleep():
    time.sleep(1)
    return "Slept"
