from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel
from starlette.middleware.sessions import SessionMiddleware

from .board import OUTPUTS, SECRET, may_enter, page, status, switch

HERE = Path(__file__).parent
templates = Jinja2Templates(HERE / "templates")
app = FastAPI()
app.add_middleware(SessionMiddleware, secret_key=SECRET)
app.mount("/static", StaticFiles(directory=HERE / "static"))


class Wish(BaseModel):
    on: bool


@app.get("/", response_class=HTMLResponse)
async def dashboard(request: Request):
    return templates.TemplateResponse(request, "dashboard.html", page())


@app.get("/api/status")
async def show_status():
    return status()


@app.get("/api/outputs/{number}")
async def show_output(number: int):
    if number not in OUTPUTS:
        raise HTTPException(404)
    return OUTPUTS[number]


@app.put("/api/outputs/{number}")
async def switch_output(number: int, wish: Wish):
    if number not in OUTPUTS:
        raise HTTPException(404)
    return switch(number, wish.model_dump())


@app.get("/account")
async def account(request: Request):
    return {"user": request.session.get("user")}


@app.post("/login")
async def login(request: Request, user: Annotated[str, Form()], password: Annotated[str, Form()]):
    if not may_enter(user, password):
        raise HTTPException(403)
    request.session["user"] = user
    return RedirectResponse("/", 303)
