"""An application factory, with configuration classes chosen by the environment."""

import os

from flask import Flask, current_app


class Config:
    SECRET_KEY = os.environ.get("SECRET_KEY") or "you-will-never-guess"
    ITEMS_PER_PAGE = 20
    TESTING = False


class DevelopmentConfig(Config):
    ITEMS_PER_PAGE = 5


class TestingConfig(Config):
    TESTING = True


CONFIGS = {"development": DevelopmentConfig, "testing": TestingConfig, "default": Config}


def create_app(config_name=None):
    app = Flask(__name__, instance_relative_config=True)
    app.config.from_object(CONFIGS[config_name or os.environ.get("APP_ENV", "default")])
    app.config.from_prefixed_env("APP")
    app.config.from_pyfile("settings.py", silent=True)

    @app.route("/config")
    def show_config():
        return {key: current_app.config[key] for key in ("SECRET_KEY", "ITEMS_PER_PAGE", "TESTING")}

    return app


app = create_app()
