"""What many small programs are: a login, forms, and an interface that pages of another site may read."""

from __future__ import annotations

from flask import Flask, flash, redirect, render_template_string, url_for
from flask.typing import ResponseReturnValue
from flask_cors import CORS
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user, logout_user
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFProtect
from werkzeug.security import check_password_hash, generate_password_hash
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import DataRequired, Length

PAGE = """<!doctype html>
<title>Members</title>
{% for text in get_flashed_messages() %}<p class="flash">{{ text }}</p>{% endfor %}
{% if form %}<form method="post">
{{ form.hidden_tag() }}
{% for field in form if field.type != "CSRFTokenField" %}<p>{{ field.label }} {{ field }}
{% for error in field.errors %}<b>{{ error }}</b>{% endfor %}</p>
{% endfor %}<button>Send</button></form>{% endif %}
<ul>{% for note in notes %}<li>{{ note }}</li>{% endfor %}</ul>
"""

app = Flask(__name__)
app.secret_key = "of a test"
CSRFProtect(app)
CORS(app, resources={r"/api/*": {"origins": "https://panel.example"}})
logins = LoginManager(app)
logins.login_view = "login"
PASSWORDS = {"ada": generate_password_hash("secret", "pbkdf2:sha256:1000")}
NOTES: list[str] = []


class Member(UserMixin):  # type: ignore[misc]
    """Somebody who may sign in."""

    def __init__(self, name: str) -> None:
        self.id = name


class LoginForm(FlaskForm):  # type: ignore[misc]
    """Who it is."""

    name = StringField("Name", [DataRequired()])
    password = PasswordField("Password", [DataRequired()])
    remember = BooleanField("Stay signed in")


class NoteForm(FlaskForm):  # type: ignore[misc]
    """What is to be noted."""

    text = StringField("Note", [DataRequired(), Length(max=20)])


@logins.user_loader  # type: ignore[misc]
def load(name: str) -> Member | None:
    """Return a member."""
    return Member(name) if name in PASSWORDS else None


@app.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Sign in."""
    form = LoginForm()
    if form.validate_on_submit():
        if check_password_hash(PASSWORDS.get(form.name.data, ""), form.password.data):
            login_user(Member(form.name.data), remember=form.remember.data)
            return redirect(url_for("notes"))
        flash("Wrong name or password.")
    return render_template_string(PAGE, form=form, notes=[])


@app.route("/", methods=["GET", "POST"])
@login_required  # type: ignore[untyped-decorator, unused-ignore]
def notes() -> ResponseReturnValue:
    """Show the notes, and take one."""
    form = NoteForm()
    if form.validate_on_submit():
        NOTES.append(f"{current_user.id}: {form.text.data}")
        return redirect(url_for("notes"))
    return render_template_string(PAGE, form=form, notes=NOTES)


@app.get("/logout")
def logout() -> ResponseReturnValue:
    """Sign out."""
    logout_user()
    return redirect(url_for("login"))


@app.get("/api/notes")
def api() -> ResponseReturnValue:
    """Return the notes to pages of other sites."""
    return {"notes": NOTES}
