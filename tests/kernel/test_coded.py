"""Closed lists of codes: what is on none is taken nowhere, and each has its words."""

import click
import pytest
from click.testing import CliRunner
from marshmallow import ValidationError

from lea_service.agencies import rules, schemas
from lea_service.agencies.cli import agencies
from lea_service.agencies.rules import REVOKED
from lea_service.agencies.rules import SUSPENDED as STOPPED
from lea_service.demands.withdrawal import WORDS as WITHDRAWALS
from lea_service.extraction.reasons import PLAN_REASONS
from lea_service.kernel.coded import Words, check_coded, codes_of, explain
from lea_service.kernel.errors import InvalidInput
from lea_service.legal.authenticity.observations import WORDS as SIGHTS
from lea_service.legal.order_observations import WORDS as ODDITIES
from lea_service.legal.questions import WORDS as QUESTIONS
from lea_service.staff.cli import staff
from lea_service.staff.reasons import DECLINED, SUSPENDED
from lea_service.staff.schemas import SuspensionRequestSchema

LISTS = (STOPPED, REVOKED, SUSPENDED, DECLINED, PLAN_REASONS.looked_at, PLAN_REASONS.declined)
MEANT = (WITHDRAWALS, QUESTIONS, SIGHTS, ODDITIES)
ID = "0" * 32
COMMANDS = (
    (agencies, ["suspend", f"a_{ID}"], STOPPED),
    (agencies, ["revoke-certificate", f"ce_{ID}"], REVOKED),
    (staff, ["suspend", f"s_{ID}"], SUSPENDED),
)
BODIES = (
    (schemas.SuspensionRequest, {"subject": f"a_{ID}"}, STOPPED),
    (schemas.RevocationRequest, {}, REVOKED),
    (SuspensionRequestSchema, {}, SUSPENDED),
)


@pytest.mark.parametrize("known", LISTS)
def test_each_code_stands_once_and_has_words_in_two_languages(known):
    assert len(set(codes_of(known))) == len(known)
    for one in known:
        assert one.nl != one.en
        assert one.nl.endswith(".")
        assert one.en.endswith(".")
        assert len(one.code) <= 40


@pytest.mark.parametrize("known", MEANT, ids=lambda known: type(next(iter(known))).__name__)
def test_each_member_of_an_enumeration_has_words_in_two_languages(known):
    assert set(known) == set(type(next(iter(known))))
    for words in known.values():
        assert isinstance(words, Words)
        assert words.nl != words.en
        assert words.nl
        assert words.en


def test_code_that_is_on_no_list_is_refused():
    check_coded("left", rules.SUSPENDED, "/ground")
    with pytest.raises(InvalidInput, match="expected one of these: impersonation, ") as told:
        check_coded("whatever", rules.SUSPENDED, "/ground")
    assert "whatever" not in told.value.detail


@pytest.mark.parametrize(("group", "words", "known"), COMMANDS)
def test_command_tells_the_codes_in_words_and_takes_no_other(group, words, known):
    assert isinstance(group, click.Group)
    help_text = CliRunner().invoke(group, [words[0], "--help"]).output
    assert " ".join(explain(known).split()) in " ".join(help_text.split())
    done = CliRunner().invoke(group, [*words, "--ground", "whatever"])
    assert done.exit_code == 2


@pytest.mark.parametrize(("schema", "rest", "known"), BODIES)
def test_body_takes_the_codes_and_no_other(schema, rest, known):
    for code in codes_of(known):
        assert schema().load({**rest, "ground": code})["ground"] == code
    with pytest.raises(ValidationError, match="Expected one of these: "):
        schema().load({**rest, "ground": "whatever"})
