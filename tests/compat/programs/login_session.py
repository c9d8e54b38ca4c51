"""Flask-Login, as its documentation begins: a login that survives requests, a protected page, remembering."""

import json

from flask import Flask, request, url_for
from flask_login import (
    FlaskLoginClient,
    LoginManager,
    UserMixin,
    current_user,
    login_required,
    login_user,
    logout_user,
    user_logged_in,
)

app = Flask(__name__)
app.secret_key = "not a secret"
login_manager = LoginManager()
login_manager.init_app(app)
login_manager.login_view = "login"
signalled = []
user_logged_in.connect(lambda sender, user: signalled.append(user.id), app, weak=False)


class User(UserMixin):
    def __init__(self, name):
        self.id = name


PASSWORDS = {"ada": "engine"}


@login_manager.user_loader
def load_user(name):
    return User(name) if name in PASSWORDS else None


@app.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "GET":
        return "please log in"
    if PASSWORDS.get(request.form["name"]) != request.form["password"]:
        return "wrong", 401
    login_user(User(request.form["name"]), remember="remember" in request.form)
    return "welcome"


@app.get("/protected")
@login_required
def protected():
    return f"Logged in as: {current_user.id}"


@app.get("/logout")
def logout():
    logout_user()
    return "Logged out"


@app.get("/")
def index():
    return f"{current_user.is_authenticated} {url_for('protected')}"


def show(response):
    print(json.dumps([response.status_code, response.headers.get("Location"), response.text[:40]]))


browser = app.test_client()
show(browser.get("/protected"))
show(browser.post("/login", data={"name": "ada", "password": "wrong"}))
show(browser.post("/login", data={"name": "ada", "password": "engine"}))
show(browser.get("/protected"))
show(browser.get("/"))
show(app.test_client().get("/"))
show(browser.get("/logout"))
show(browser.get("/protected", follow_redirects=True))

remembering = app.test_client()
show(remembering.post("/login", data={"name": "ada", "password": "engine", "remember": "on"}))
remembering.delete_cookie("session")
show(remembering.get("/protected"))

app.test_client_class = FlaskLoginClient
with app.test_client(user=User("ada")) as given:
    show(given.get("/protected"))
print(json.dumps(signalled))
