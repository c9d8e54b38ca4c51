import time

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

app = FastAPI()


@app.get("/", response_class=HTMLResponse)
async def hello():
    return "Hello, world!"


@app.get("/sleep", response_class=HTMLResponse)
def sleep():  # not async: FastAPI runs it in a thread
    time.sleep(1)
    return "Slept"
