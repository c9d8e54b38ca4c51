"""Applications in all the ways that PEP 3333 permits, and some that it does not; the path says which."""

import io
import os
import sys
from wsgiref.validate import validator


def app(environ, start_response):
    return globals()[environ["PATH_INFO"].strip("/")](environ, start_response)


def ok(start_response, *fields):
    return start_response("200 OK", [("Content-Type", "text/plain"), *fields])


def stream(environ, start_response):
    ok(start_response)
    return iter([b"one", b"", b"two"])


def late_start(environ, start_response):
    """A generator, whose start_response is called at its first item."""
    ok(start_response)
    yield b"late"


def writes(environ, start_response):
    write = ok(start_response)
    write(b"written ")
    return [b"returned"]


def empty(environ, start_response):
    ok(start_response)
    return []


def no_content(environ, start_response):
    start_response("204 No Content", [])
    return []


def not_modified(environ, start_response):
    start_response("304 Not Modified", [("ETag", '"a"'), ("Content-Length", "5")])
    return []


def too_much(environ, start_response):
    ok(start_response, ("Content-Length", "3"))
    return [b"one", b"two"]


def too_little(environ, start_response):
    ok(start_response, ("Content-Length", "9"))
    return [b"one"]


def nothing_of_it(environ, start_response):
    ok(start_response, ("Content-Length", "9"))
    return []


def two_cookies(environ, start_response):
    ok(start_response, ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Date", "never"))
    return [b""]


def file(environ, start_response):
    ok(start_response)
    return environ["wsgi.file_wrapper"](open(__file__, "rb"))


def opened_at(position):
    descriptor = os.open(__file__, os.O_RDONLY)
    os.lseek(descriptor, position, os.SEEK_SET)
    return os.fdopen(descriptor, "rb")


def part_of_a_file(environ, start_response):
    ok(start_response, ("Content-Length", "7"))
    return environ["wsgi.file_wrapper"](opened_at(3))


def file_without_end(environ, start_response):
    ok(start_response)
    reader, writer = os.pipe()
    os.write(writer, b"piped")
    os.close(writer)
    return environ["wsgi.file_wrapper"](open(reader, "rb", buffering=0))


def file_in_memory(environ, start_response):
    ok(start_response)
    return environ["wsgi.file_wrapper"](io.BytesIO(b"in memory"))


def injects(environ, start_response):
    ok(start_response, ("X-A", "a\r\nX-B: b"))
    return [b"never"]


def injects_a_status(environ, start_response):
    start_response("200 OK\r\nX-B: b", [])
    return [b"never"]


def hop_by_hop(environ, start_response):
    ok(start_response, ("Connection", "keep-alive"))
    return [b"never"]


def number_as_value(environ, start_response):
    ok(start_response, ("X-A", 1))
    return [b"never"]


def starts_twice(environ, start_response):
    ok(start_response)
    ok(start_response)
    return [b"never"]


def never_starts(environ, start_response):
    return [b"never"]


def changes_its_mind(environ, start_response):
    ok(start_response, ("X-A", "1"))
    try:
        raise ValueError
    except ValueError:
        start_response("500 Changed", [("X-B", "2")], sys.exc_info())
    return [b"changed"]


def changes_its_mind_too_late(environ, start_response):
    ok(start_response, ("Content-Length", "100"))
    yield b"begun"
    try:
        raise ValueError("too late")
    except ValueError:
        start_response("500 Changed", [], sys.exc_info())
    yield b"never"


def fails_in_the_middle(environ, start_response):
    ok(start_response)
    yield b"begun"
    raise ValueError("in the middle")


class Closing:
    closed = 0

    def __init__(self, chunks):
        self.chunks = chunks

    def __iter__(self):
        return iter(self.chunks)

    def close(self):
        type(self).closed += 1


def closing(environ, start_response):
    ok(start_response, ("X-Closed-Before", str(Closing.closed)))
    return Closing([b"a", b"b"])


def plain(environ, start_response):
    """What `validator` lets pass: it wants a body read to its end, and a plain list."""
    body = environ["wsgi.input"].read(100)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


validated = validator(plain)


def keeps(environ, start_response):
    """Add to the environment, and answer whether that was there already."""
    body = b"old" if "kept" in environ or environ["HTTP_HOST"] == "changed" else b"new"
    environ["kept"] = True
    environ["HTTP_HOST"] = "changed"
    start_response("200 OK", [("Content-Length", "3")])
    return [body]
