"""Views that are short, slow, stuck, or end otherwise than they should; each names the thread that ran it."""

import ctypes
import threading
import time

from edgeweb import Flask, Response, request

app = Flask(__name__)
gate = threading.Event()


@app.after_request
def after(response):
    response.headers["X-Thread"] = str(threading.get_native_id())
    return response


@app.get("/level/<int:number>")
def level(number):
    return {"level": number}


@app.post("/both")
def both():
    return request.get_data(as_text=True) or "nothing"


@app.get("/unmarked")
def unmarked():
    return "worker"


@app.get("/threads")
def threads():
    return "\n".join(thread.name for thread in threading.enumerate())


@app.get("/wait")
def wait():
    gate.wait(60)
    return "waited"


@app.get("/open")
def open_gate():
    gate.set()
    return "open"


@app.get("/fails")
def fails():
    raise RuntimeError("as asked")


@app.get("/large")
def large():
    return Response(b"x" * 100_000 for _ in range(100))


@app.get("/exits")
def exits():
    raise SystemExit(3)


@app.get("/interrupts")
def interrupts():
    raise KeyboardInterrupt


@app.get("/keeps")
def keeps():
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pass


@app.get("/stuck")
def stuck():
    """Take a C lock twice: no signal ends this wait, and Python runs no handler in it."""
    c = ctypes.CDLL(None)
    mutex = ctypes.create_string_buffer(64)
    c.pthread_mutex_lock(mutex)
    c.pthread_mutex_lock(mutex)


@app.get("/holds")
def holds():
    """Do the same with the interpreter's lock, so that no other thread runs either."""
    c = ctypes.PyDLL(None)
    mutex = ctypes.create_string_buffer(64)
    c.pthread_mutex_lock(mutex)
    c.pthread_mutex_lock(mutex)
