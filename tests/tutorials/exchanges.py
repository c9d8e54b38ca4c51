"""What is asked of each program, and what it must answer."""

from __future__ import annotations

import json
import typing as t
from urllib.parse import urlencode

# method, path, headers, body; status, text that the answer contains
Exchange = tuple[str, str, dict[str, str], bytes, int, str]


def ask(
    method: str, path: str, status: int, answer: str, *, form: t.Any = None, json_body: t.Any = None
) -> Exchange:
    """One request, with a form or a JSON body, and what must come back."""
    headers, body = {}, b""
    if form is not None:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode(form).encode()
    elif json_body is not None:
        headers = {"Content-Type": "application/json"}
        body = json.dumps(json_body).encode()
    return method, path, headers, body, status, answer


_UUID = "12345678-1234-5678-1234-567812345678"

# In the order in which they are asked, by one client that keeps its cookies.
EXCHANGES: dict[str, list[Exchange]] = {
    "hello": [ask("GET", "/", 200, "<p>Hello, World!</p>"), ask("GET", "/nowhere", 404, "Not Found")],
    "bonjour": [
        ask("GET", "/", 200, '<a href="/bonjour/Ada">Ada</a>'),
        ask("GET", "/accueil?nom=No%C3%ABl", 200, "<p>Bonjour Noël</p>"),
        ask("GET", "/bonjour/No%C3%ABl", 200, "Bonjour Noël !"),
        ask("GET", "/somme/2/3", 200, "La somme de 2 et 3 est 5"),
        ask("GET", "/formulaire", 200, '<form method="post">'),
        ask("POST", "/formulaire", 302, "/bonjour/Ad%C3%A8le", form={"nom": "Adèle"}),
        ask("GET", "/rien", 404, "<h1>Page introuvable</h1>"),
    ],
    "users": [
        ask("GET", "/users/1", 200, '{"id":1,"name":"ada"}'),
        ask("GET", "/users/9", 404, '{"error":"User not found"}'),
        ask("GET", "/users/ada", 404, "Not Found"),
        ask("GET", "/search", 200, '{"page":1,"q":"","tags":[]}'),
        ask("GET", "/search?q=a+b&page=2&tag=x&tag=y", 200, '{"page":2,"q":"a b","tags":["x","y"]}'),
        ask("GET", "/search?page=two", 200, '"page":1'),
        ask("POST", "/echo", 200, '{"a":[1,null,"x"]}', json_body={"a": [1, None, "x"]}),
        ask("POST", "/echo", 415, "Unsupported Media Type", form={"a": "1"}),
        ask(
            "POST",
            "/login",
            200,
            '{"password":"p","username":"ada"}',
            form={"username": "ada", "password": "p"},
        ),
        ask("GET", "/items", 200, '["first","second"]'),
        ask("POST", "/items", 201, '{"created":"third"}', json_body={"name": "third"}),
        ask("DELETE", "/items", 405, "Method Not Allowed"),
        ask("GET", "/login", 405, "Method Not Allowed"),
        ask("HEAD", "/items", 200, ""),
        ask("OPTIONS", "/items", 200, ""),
    ],
    "contexts": [
        ask("GET", "/outside", 200, "Working outside of application context."),
        ask("GET", "/inside", 200, "hello from contexts"),
        ask("GET", "/request", 200, "hello"),
    ],
    "prefixes": [
        ask("GET", "/auth/login", 200, "login"),
        ask("GET", "/blog/", 200, "all posts"),
        ask("GET", "/blog/3", 200, "post 3: /blog/ /auth/login"),
        ask("GET", "/blog/latest", 404, "no such post"),
        ask("GET", "/login", 404, "Not Found"),
    ],
    "factory": [
        # The environment that the tests give: APP_ENV=development APP_ITEMS_PER_PAGE=7
        ask("GET", "/config", 200, '{"ITEMS_PER_PAGE":7,"SECRET_KEY":"you-will-never-guess","TESTING":false}')
    ],
    "json_errors": [
        ask("GET", "/divide?a=1&b=2", 200, '{"result":0.5}'),
        ask("GET", "/divide?a=1&b=0", 422, '{"message":"b must not be 0"}'),
        ask("GET", "/divide?a=x&b=2", 500, '{"error":"Internal server error"}'),
        ask("GET", "/divide", 400, '{"code": 400, "name": "Bad Request"'),
        ask("GET", "/forbidden", 403, '{"code": 403, "name": "Forbidden", "description": "not yours"}'),
        ask("GET", "/nowhere", 404, '{"error":"Not found"}'),
        ask("POST", "/divide", 405, '{"code": 405, "name": "Method Not Allowed"'),
    ],
    "converters": [
        ask("GET", "/hello/ada", 200, "string ada"),
        ask("GET", "/string/a%20b", 200, "string a b"),
        ask("GET", "/string/a/b", 404, "Not Found"),
        ask("GET", "/int/41", 200, "int 42"),
        ask("GET", "/int/-1", 404, "Not Found"),
        ask("GET", "/float/1.5", 200, "float 3.0"),
        ask("GET", "/float/1", 404, "Not Found"),
        ask("GET", "/path/a/b/c.txt", 200, "path a/b/c.txt"),
        ask("GET", f"/uuid/{_UUID}", 200, "uuid 12345678123456781234567812345678"),
        ask("GET", "/uuid/1234", 404, "Not Found"),
        ask("GET", "/list/ada,grace", 200, "ada and grace"),
    ],
    "notes": [
        ask("GET", "/", 200, "<p>No notes yet.</p>"),
        ask("POST", "/add", 302, "Redirecting", form={"body": "not logged in"}),
        ask("POST", "/login", 302, "Redirecting", form={"user": "ada"}),
        ask("GET", "/", 200, "<title>Notes of ada</title>"),
        ask("POST", "/add", 302, "Redirecting", form={"body": ""}),
        ask("GET", "/", 200, '<p class="flash">A note needs a text.</p>'),
        ask("POST", "/add", 302, "Redirecting", form={"body": "<b>first</b>"}),
        ask("GET", "/", 200, "<p>ada: &lt;b&gt;first&lt;/b&gt;</p>"),
        ask("GET", "/logout", 302, "Redirecting"),
        ask("GET", "/", 200, "<title>Notes of nobody</title>"),
    ],
}
