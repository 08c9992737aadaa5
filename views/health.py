"""For the machines that watch the portal."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from services import doctor
from views.access import public, settings

blueprint = Blueprint("health", __name__)


@blueprint.get("/livez")
@public
def live() -> Response:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
@public
def ready() -> tuple[Response, int]:
    """The portal can do its work: database and tables are there, a worker runs, mail flows (CHECKS 56)."""
    state = doctor.readiness(settings())
    return jsonify(state), 200 if state["ready"] else 503
