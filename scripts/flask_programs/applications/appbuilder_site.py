"""A site of Flask-AppBuilder: two models with pages and an interface, users with roles, forms."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_appbuilder import AppBuilder, Model, ModelRestApi, ModelView
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_cors import CORS
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.orm import relationship

app = Flask(__name__)
app.config.update(
    SECRET_KEY="of a test, and long enough for a key",
    SQLALCHEMY_DATABASE_URI=f"sqlite:///{Path(__file__).resolve().parent}/site.db",
    WTF_CSRF_ENABLED=True,
    APP_NAME="Garden",
    FAB_API_SWAGGER_UI=True,
    FAB_PASSWORD_HASH_METHOD="pbkdf2:sha256:1000",
)
CORS(app, resources={r"/api/*": {"origins": "https://panel.example"}}, supports_credentials=True)
db = SQLAlchemy(app)


class Bed(Model):  # type: ignore[misc]
    """Where plants grow."""

    __tablename__ = "bed"
    id = Column(Integer, primary_key=True)
    name = Column(String(50), unique=True, nullable=False)

    def __repr__(self) -> str:
        return str(self.name)


class Plant(Model):  # type: ignore[misc]
    """What grows."""

    __tablename__ = "plant"
    id = Column(Integer, primary_key=True)
    name = Column(String(50), nullable=False)
    bed_id = Column(Integer, ForeignKey("bed.id"))
    bed = relationship("Bed")


class PlantView(ModelView):  # type: ignore[misc]
    """The pages of plants."""

    datamodel = SQLAInterface(Plant)
    list_columns = ["name", "bed"]


class BedView(ModelView):  # type: ignore[misc]
    """The pages of beds."""

    datamodel = SQLAInterface(Bed)
    related_views = [PlantView]


class PlantApi(ModelRestApi):  # type: ignore[misc]
    """The interface of plants."""

    allow_browser_login = True
    resource_name = "plant"
    datamodel = SQLAInterface(Plant)


with app.app_context():
    appbuilder = AppBuilder(app, db.session)
    appbuilder.add_view(BedView, "Beds", category="Garden")
    appbuilder.add_view(PlantView, "Plants", category="Garden")
    appbuilder.add_api(PlantApi)
    Model.metadata.create_all(db.engine)
    security = appbuilder.sm
    if security.find_user("ada") is None:
        security.add_user("ada", "Ada", "L", "ada@example.com", security.find_role("Admin"), "secret")
