"""What settings do to the whole, where no test of a part would notice that they were not handed on."""

import json

import pytest

from lea_service.kernel.actors import worker_actor
from lea_service.kernel.outbox import enqueue_alarm, enqueue_own_notice
from tests.support.service import make_environ, make_item, make_whole


@pytest.fixture
def build(copy_database, tmp_path, clock, ids, key_store):
    """A function that returns the whole with some settings."""
    built = []

    def make(**settings):
        urls = copy_database("cases"), copy_database("records")
        whole = make_whole(
            tmp_path, make_environ(tmp_path, *urls, **settings), key_store, clock, ids
        )
        built.append(whole)
        return whole

    yield make
    for whole in built:
        whole.services.dispose()


@pytest.mark.parametrize(
    ("settings", "number"),
    [({}, "+31301234567"), ({"region": "DE"}, "+49301234567"), ({"region": "BE"}, "+32301234567")],
)
def test_number_is_dialled_in_the_region(build, settings, number):
    whole = build(**settings)
    whole.source()
    demand = whole.settle(whole.record([make_item("030 123 4567")]))
    plan, _ = whole.plan(demand)
    (item,) = plan.document["items"]
    assert json.dumps(number) in json.dumps(item["asks"])
    whole.check()


def test_terms_that_near_are_told_at_the_desk(build):
    whole = build(desk_mailbox="desk@provider.example", alarm_mailbox="watch@provider.example")
    with whole.services.transactions.begin(worker_actor()) as tx:
        near = enqueue_own_notice(tx, "deadline.near", about="c_00ff", occasion="once")
        pressing = enqueue_own_notice(tx, "deadline.pressing", about="c_00ff", occasion="once")
    whole.work()
    folder = whole.settings.notices_dir
    assert "To: desk@provider.example\n" in (folder / f"{near}.eml").read_text()
    assert "To: watch@provider.example\n" in (folder / f"{pressing}.eml").read_text()


@pytest.mark.parametrize(
    ("settings", "mailbox"),
    [
        ({"provider_contact": "desk@provider.example"}, "desk@provider.example"),
        ({"alarm_mailbox": "watch@provider.example"}, "watch@provider.example"),
    ],
)
def test_alarms_go_to_their_mailbox(build, settings, mailbox):
    whole = build(**settings)
    with whole.services.transactions.begin(worker_actor()) as tx:
        job = enqueue_alarm(tx, about="pu_00ff", occasion="once")
    whole.work()
    mail = (whole.settings.notices_dir / f"{job}.eml").read_text()
    assert f"To: {mailbox}\n" in mail
    assert "pu_00ff" in mail
