"""Programs with needs of their own: CORS by an extension or by hand, and a limit for bodies."""

from edgeweb import Flask, request
from edgeweb.compat import install_as_flask

install_as_flask()

from flask_cors import CORS  # noqa: E402


def make(**config):
    app = Flask(__name__)
    app.config.update(config)

    @app.route("/size", methods=["POST", "PUT"])
    def size():
        return str(len(request.get_data()))

    @app.get("/scheme")
    def scheme():
        return request.scheme

    @app.get("/asked")
    def asked():
        return str(app.config.get("ASKED", 0))

    return app


app = make()
limited = make(MAX_CONTENT_LENGTH=3_000_000)
large = make(MAX_CONTENT_LENGTH=16_777_216)

with_extension = make()
CORS(with_extension, origins=["https://panel.example"])

with_cookies = make()
CORS(with_cookies, origins=["https://panel.example"], supports_credentials=True)

for_all = make()
CORS(for_all)

by_hand = make()


@by_hand.after_request
def permit(response):
    if request.method == "OPTIONS":
        by_hand.config["ASKED"] = by_hand.config.get("ASKED", 0) + 1
        response.headers["Access-Control-Allow-Origin"] = "https://panel.example"
    return response


def fails_when_asked(environ, start_response):
    if environ["REQUEST_METHOD"] == "OPTIONS":
        raise RuntimeError("as asked")
    start_response("200 OK", [("Content-Length", "0")])
    return []
