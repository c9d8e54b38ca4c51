"""Flask-SQLAlchemy, as its quick start begins: models, a session per request, 404 for no such row, pages."""

import json
import os

from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.record_queries import get_recorded_queries
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)
# A relative SQLite path lies in the instance folder.
app = Flask(__name__, instance_path=os.getcwd())
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///project.db"
app.config["SQLALCHEMY_RECORD_QUERIES"] = True
db.init_app(app)


class User(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


with app.app_context():
    db.create_all()


@app.post("/users")
def create_user():
    user = User(name=request.form["name"])
    db.session.add(user)
    db.session.commit()
    return {"id": user.id}, 201


@app.get("/users")
def list_users():
    page = db.paginate(db.select(User).order_by(User.name), per_page=2)
    return {"names": [user.name for user in page.items], "pages": page.pages}


@app.get("/users/<int:number>")
def show_user(number):
    return {"name": db.get_or_404(User, number).name, "queries": len(get_recorded_queries())}


@app.post("/users/forgotten")
def forget_to_commit():
    db.session.add(User(name="nobody"))
    db.session.flush()
    return {"count": db.session.query(User).count()}


@app.delete("/users/<int:number>")
def delete_user(number):
    db.session.delete(db.get_or_404(User, number))
    db.session.commit()
    return "", 204


client = app.test_client()
for method, path, form in [
    ("POST", "/users", {"name": "grace"}),
    ("POST", "/users", {"name": "ada"}),
    ("POST", "/users", {"name": "linus"}),
    ("GET", "/users", {}),
    ("GET", "/users?page=2", {}),
    ("GET", "/users?page=9", {}),
    ("GET", "/users/1", {}),
    ("GET", "/users/9", {}),
    ("POST", "/users/forgotten", {}),
    ("GET", "/users", {}),
    ("DELETE", "/users/1", {}),
    ("GET", "/users/1", {}),
]:
    response = client.open(path, method=method, data=form or None)
    print(json.dumps([response.status_code, response.json]))

with app.app_context():
    print(json.dumps([db.session.query(User).count(), os.path.exists("project.db")]))
