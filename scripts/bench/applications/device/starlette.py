from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from .board import OUTPUTS, SECRET, may_enter, page, status, switch

HERE = Path(__file__).parent
templates = Jinja2Templates(HERE / "templates")


async def dashboard(request):
    return templates.TemplateResponse(request, "dashboard.html", page())


async def show_status(request):
    return JSONResponse(status())


def known(request):
    number = request.path_params["number"]
    if number not in OUTPUTS:
        raise HTTPException(404)
    return number


async def show_output(request):
    return JSONResponse(OUTPUTS[known(request)])


async def switch_output(request):
    number = known(request)
    try:
        return JSONResponse(switch(number, await request.json()))
    except ValueError as error:
        raise HTTPException(422, str(error)) from error


async def account(request):
    return JSONResponse({"user": request.session.get("user")})


async def login(request):
    form = await request.form()
    user = form.get("user")
    if not may_enter(user, form.get("password")):
        raise HTTPException(403)
    request.session["user"] = user
    return RedirectResponse("/", 303)


app = Starlette(
    routes=[
        Route("/", dashboard),
        Route("/api/status", show_status),
        Route("/api/outputs/{number:int}", show_output),
        Route("/api/outputs/{number:int}", switch_output, methods=["PUT"]),
        Route("/account", account),
        Route("/login", login, methods=["POST"]),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ],
    middleware=[Middleware(SessionMiddleware, secret_key=SECRET)],
)
