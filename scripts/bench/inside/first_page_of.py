"""KIND WAY FOLDER PATH: a program with the templates of FOLDER, up to its first page.

KIND is the framework, flask or edgeweb. WAY is how it comes by the templates' code: `source`, `cache`
(edgeweb's, built before), `sealed` (the same, and sources are not looked at), `bytecode` (Jinja2's
FileSystemBytecodeCache) or `modules` (Jinja2's ModuleLoader). Prints the moment when the page was there (the
monotonic clock), the resident and the dirty memory in KiB then, and the length of the page. With PATH
`prepare` it makes what the WAY needs; exit code 3 where no cache may be kept.
"""

import io
import os
import sys
import time
from importlib import import_module

kind, way, folder, path = sys.argv[1:]
framework = import_module(kind)
app = framework.Flask("dashboard", root_path=folder)
if kind == "edgeweb":
    # The file is named and not left to the default: the ways are beside each other in one folder.
    app.config["TEMPLATE_CACHE"] = None if way == "source" else "edgeweb.templates"
    app.config["TEMPLATE_CACHE_MODE"] = "sealed" if way == "sealed" else "auto"
values = {
    "title": "Greenhouse",
    "rows": [{"id": n, "name": f"output <{n}>", "value": n * 1.5, "on": n % 3 == 0} for n in range(10)],
}


@app.get("/<name>")
def page(name):
    return framework.render_template(f"{name}.html", **values)


if way == "bytecode":
    from jinja2 import FileSystemBytecodeCache

    os.makedirs(f"{folder}/bytecode", exist_ok=True)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(f"{folder}/bytecode")
elif way == "modules" and path != "prepare":
    from jinja2 import ModuleLoader

    app.jinja_env.loader = ModuleLoader(f"{folder}/modules")

if path == "prepare":
    if way == "modules":
        app.jinja_env.compile_templates(f"{folder}/modules", zip=None, ignore_errors=False)
    elif kind == "edgeweb":
        # What `edgeweb build` does, for an application that has no module.
        from edgeweb.templating.build import Builder
        from edgeweb.templating.trust import Untrusted

        builder = Builder(app, f"{folder}/edgeweb.templates")
        try:
            faults = [result.fault for result in builder.compile() if result.fault]
        except Untrusted as error:
            print(error, file=sys.stderr)
            sys.exit(3)
        if faults:
            raise SystemExit(faults[0])
        builder.write(strict=True)
    sys.exit()

environ = {
    "REQUEST_METHOD": "GET",
    "SERVER_PORT": "8080",
    "SERVER_NAME": "localhost",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "SCRIPT_NAME": "",
    "PATH_INFO": path,
    "QUERY_STRING": "",
    "HTTP_HOST": "127.0.0.1:8080",
    "wsgi.url_scheme": "http",
    "wsgi.errors": sys.stderr,
    "wsgi.input": io.BytesIO(),
}


def start_response(status, headers, exc_info=None):
    if not status.startswith("200"):
        raise SystemExit(f"{kind} {way} {path}: {status}")


body = b"".join(app(environ, start_response))
print(time.monotonic())
with open("/proc/self/smaps_rollup") as lines:
    for line in lines:
        if line.startswith(("Rss:", "Private_Dirty:")):
            print(line.split()[1])
print(len(body))
