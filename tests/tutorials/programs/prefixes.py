"""Blueprints, with the prefix given where they are made or where they are registered."""

from flask import Blueprint, Flask, url_for

auth = Blueprint("auth", __name__, url_prefix="/auth")
blog = Blueprint("blog", __name__)


@auth.route("/login")
def login():
    return "login"


@blog.route("/")
def index():
    return "all posts"


@blog.route("/<int:post_id>")
def show(post_id):
    return f"post {post_id}: {url_for('.index')} {url_for('auth.login')}"


@blog.errorhandler(404)
def no_post(error):
    return "no such post", 404


@blog.get("/latest")
def latest():
    from flask import abort

    abort(404)


app = Flask(__name__)
app.register_blueprint(auth)
app.register_blueprint(blog, url_prefix="/blog")
