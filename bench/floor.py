"""The floor: the least that a durable form can be. One WTForms field, three rows, one commit."""

from __future__ import annotations

import os

from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import text
from wtforms import Form, StringField
from wtforms.validators import InputRequired

from cert_portal.core.db import prepare

ROWS = ("CREATE TABLE floor_{n} (id {key}, number VARCHAR(20), words TEXT)",)
INSERT = "INSERT INTO floor_{n} (number, words) VALUES (:number, :words)"


class OneField(Form):
    """The smallest form."""

    description = StringField(validators=[InputRequired()])


def create_app() -> Flask:
    """A minimal application on the database of the environment."""
    app = Flask("floor")
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["FLOOR_DATABASE"]
    db = SQLAlchemy(app)
    with app.app_context():
        prepare(db.engine)

    @app.post("/")
    def take() -> tuple[str, int]:
        form = OneField(request.form)
        if not form.validate():
            return "no", 422
        for n in range(3):
            db.session.execute(text(INSERT.format(n=n)), {"number": "R26-000001-1", "words": form.description.data})
        db.session.commit()
        return "ok", 201

    return app


def create_tables(app: Flask) -> None:
    """The three tables."""
    with app.app_context():
        db = app.extensions["sqlalchemy"]
        key = "INTEGER PRIMARY KEY" if db.engine.dialect.name == "sqlite" else "BIGSERIAL PRIMARY KEY"
        for n in range(3):
            db.session.execute(text(ROWS[0].format(n=n, key=key)))
        db.session.commit()
