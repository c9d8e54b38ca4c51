"""An application that tells which process answers."""

import os
import time

from flask import Flask, Response, request

app = Flask(__name__)


@app.route("/process")
def process():
    # Long enough that one worker cannot take all of several requests that are made at once.
    time.sleep(0.2)
    return str(os.getpid())


@app.post("/length")
def length():
    return {"length": len(request.get_data()), "multiprocess": request.is_multiprocess}


@app.route("/stream")
def stream():
    return Response(f"{number}\n" for number in range(3))
