"""The blueprint of the machine face."""

from flask import Blueprint

machine = Blueprint("machine", __name__)
