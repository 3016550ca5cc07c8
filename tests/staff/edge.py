"""The real edge around the real staff services."""

from flask import Flask

from lea_service.staff.api import blueprints
from lea_service.staff.proven import StaffProofs
from lea_service.staff.service import StaffService
from lea_service.web.application import install_web
from lea_service.web.services import Edge

PASSWORD = "correct horse battery staple"


def build_staff(house, load_root=None):
    log = house.log
    proofs = StaffProofs(log.transactions, load_root or house.load_root, log.service.signed)
    return StaffService(log.transactions, log.looks, proofs, token_days=30)


def build_edge(house, staff):
    """Return the application; its denials are kept in ``extensions``."""
    denied = []
    edge = Edge(
        clock=house.log.transactions.clock,
        authenticate=staff.authenticate,
        record_denied=lambda *told: denied.append(told),
        stranger_limit=1000,
    )
    app = Flask("lea-test")
    api = install_web(app, {"staff": staff, "approvals": house.approvals}, edge)
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    app.extensions["denied"], app.extensions["api"] = denied, api
    return app


def token(house, staff, name):
    return staff.issue_token(house.actor(name), "test").token
