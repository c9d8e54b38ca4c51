from microdot.wsgi import Microdot

app = Microdot()


@app.get("/")
async def hello(request):
    return "Hello, world!", {"Content-Type": "text/html"}
