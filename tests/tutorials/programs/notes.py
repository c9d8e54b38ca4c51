"""A small application with a database, a session and flashed messages, as tutorials build it step by step."""

import os
import sqlite3

from flask import Flask, flash, g, redirect, render_template, request, session, url_for

app = Flask(__name__)
app.secret_key = "dev"
app.config.from_mapping(DATABASE=os.environ.get("DATABASE", "notes.sqlite"))


def get_db():
    if "db" not in g:
        g.db = sqlite3.connect(app.config["DATABASE"])
        g.db.row_factory = sqlite3.Row
    return g.db


@app.teardown_appcontext
def close_db(error=None):
    db = g.pop("db", None)
    if db is not None:
        db.close()


def init_db():
    with app.app_context():
        get_db().execute("CREATE TABLE IF NOT EXISTS note (author TEXT, body TEXT)")


init_db()


@app.before_request
def load_user():
    g.user = session.get("user")


@app.route("/")
def index():
    notes = get_db().execute("SELECT author, body FROM note ORDER BY rowid").fetchall()
    return render_template("notes.html", notes=notes)


@app.route("/login", methods=["POST"])
def login():
    session.clear()
    session["user"] = request.form["user"]
    return redirect(url_for("index"))


@app.route("/logout")
def logout():
    session.pop("user", None)
    return redirect(url_for("index"))


@app.route("/add", methods=["POST"])
def add():
    if g.user is None:
        return redirect(url_for("index"))
    if not request.form["body"]:
        flash("A note needs a text.")
    else:
        db = get_db()
        db.execute("INSERT INTO note VALUES (?, ?)", (g.user, request.form["body"]))
        db.commit()
        flash("Note added.")
    return redirect(url_for("index"))
