"""La première application d'un cours en français."""

import os

from flask import Flask, redirect, render_template, request, url_for

app = Flask(__name__)


@app.route("/")
@app.route("/accueil")
def accueil():
    return render_template("accueil.html", titre="Bienvenue !", nom=request.args.get("nom"))


@app.route("/bonjour/<nom>")
def bonjour(nom):
    return f"Bonjour {nom} !"


@app.route("/somme/<int:a>/<int:b>")
def somme(a, b):
    return f"La somme de {a} et {b} est {a + b}"


@app.route("/formulaire", methods=["GET", "POST"])
def formulaire():
    if request.method == "POST":
        return redirect(url_for("bonjour", nom=request.form["nom"]))
    return '<form method="post"><input name="nom"><input type="submit" value="Envoyer"></form>'


@app.errorhandler(404)
def page_introuvable(erreur):
    return "<h1>Page introuvable</h1>", 404


if __name__ == "__main__":
    app.run(debug=True, port=int(os.environ.get("PORT", "5000")))
