"""Flask-WTF, as its quick start begins: a form with its CSRF token, its errors, files, protected views."""

import json
import re
from io import BytesIO

from flask import Flask, redirect, render_template_string
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFProtect, generate_csrf
from flask_wtf.file import FileAllowed, FileField
from wtforms import StringField
from wtforms.validators import DataRequired

app = Flask(__name__)
app.secret_key = "not a secret"
CSRFProtect(app)


class MyForm(FlaskForm):
    name = StringField("name", validators=[DataRequired()])
    picture = FileField("picture", validators=[FileAllowed(["png"], "only pictures")])


PAGE = """<form method="POST">{{ form.hidden_tag() }}{{ form.name.label }} {{ form.name(size=20) }}</form>
{% for error in form.errors.values() %}{{ error|join }};{% endfor %}"""


@app.route("/submit", methods=["GET", "POST"])
def submit():
    form = MyForm()
    if form.validate_on_submit():
        picture = form.picture.data
        return redirect(f"/success/{form.name.data}/{picture.filename if picture else 'none'}")
    return render_template_string(PAGE, form=form)


@app.get("/token")
def token():
    return generate_csrf()


@app.put("/by-header")
def by_header():
    return "changed"


def show(response):
    hidden = re.sub(r'value="[^"]{20,}"', 'value="TOKEN"', response.text)
    print(json.dumps([response.status_code, response.headers.get("Location"), hidden]))


client = app.test_client()
page = client.get("/submit")
show(page)
csrf_token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]
show(client.post("/submit", data={"name": "ada"}))
show(client.post("/submit", data={"name": "ada", "csrf_token": csrf_token[:-1] + "~"}))
show(client.post("/submit", data={"name": "", "csrf_token": csrf_token}))
show(client.post("/submit", data={"name": "ada", "csrf_token": csrf_token}))
for filename in ("me.png", "me.exe"):
    upload = {"name": "ada", "csrf_token": csrf_token, "picture": (BytesIO(b"..."), filename)}
    show(client.post("/submit", data=upload))
show(client.put("/by-header"))
show(client.put("/by-header", headers={"X-CSRFToken": client.get("/token").text}))
show(app.test_client().post("/submit", data={"name": "ada", "csrf_token": csrf_token}))
