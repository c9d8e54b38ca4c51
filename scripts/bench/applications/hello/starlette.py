from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route


async def hello(request):
    return HTMLResponse("Hello, world!")


app = Starlette(routes=[Route("/", hello)])
