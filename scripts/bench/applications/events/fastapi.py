from asyncio import Queue
from itertools import count

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, StreamingResponse

app = FastAPI()
viewers = []
numbers = count(1)


@app.get("/", response_class=HTMLResponse)
async def hello():
    return "Hello, world!"


@app.get("/events")
async def events():
    viewer = Queue()
    viewers.append(viewer)

    async def stream():
        yield "retry: 2000\n\n"
        while True:
            yield f"data: {await viewer.get()}\n\n"

    return StreamingResponse(stream(), media_type="text/event-stream")


@app.post("/publish", response_class=HTMLResponse)
async def publish():
    text = f"event {next(numbers):06}"
    for viewer in viewers:
        viewer.put_nowait(text)
    return "Published"
