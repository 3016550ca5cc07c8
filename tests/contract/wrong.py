"""Wrong values for every parameter of every command: from its type, else by its name."""

import json
from dataclasses import dataclass

import click

from lea_service.records.mapping_loading import load_shipped
from lea_service.web.input import Form
from lea_service.web.output import OutFile
from tests.contract.calls import WORDS
from tests.contract.routes import PLACES, PROPOSAL
from tests.contract.test_commands import LEAVES
from tests.demands.samples import demand_json, item

PERSON = "Jan Jansen"
"""Stands in what is given wrongly; no message and no line of the log may hold it."""

DAMAGED, INPUT, VERIFIES_NOT, STATE = 1, 2, 4, 5
ABSENT = {
    "agencies propose desk id": "d_" + "0" * 32,
    "agencies propose organisation id": "a_" + "0" * 32,
    "agencies propose organisation prosecution": "a_" + "0" * 32,
    "agencies propose person id": "p_" + "0" * 32,
    "members": "p_" + "0" * 32,
    "processing show code": "NO-SUCH-ENTRY",
    "retention due source": PLACES["source"],
    "retention propose source": PLACES["source"],
    "retention rule code": PLACES["code"],
    "source": "no-such-source", "revision": "nosuch",
}  # fmt: skip
"""Something of a right form that nothing has, where ``WORDS`` says something else."""

CONTENTS = {
    "empty": b"",
    "no text": PERSON.encode() + b" \xff\xfe",
    "no json": f'{{"name": {PERSON}}}'.encode(),
    "another json": json.dumps([PERSON]).encode(),
}
"""What lies in a file by the name of what is wrong with it."""

TEXT = {"blank": "", "spaces": "  ", "signs": f"{PERSON}\x07", "long": PERSON * 2000}
CODE = {"blank": "", "words": PERSON, "path": f"../{PERSON}?x#y"}
ADDRESS = {**TEXT, "no address": PERSON}
SECRET = {"blank": "", "long": PERSON * 2000}
DAYS = {
    "word": PERSON, "one day": "2026-01-01", "no day": "2026-02-30:2026-03-01",
    "order": "2026-12-31:2026-01-01", "times": "2026-01-01T00:00:00:2026-12-31T00:00:00",
}  # fmt: skip
INSTANT = {"words": PERSON, "no zone": "2026-06-03T09:00:00", "no day": "2026-02-30T09:00:00Z"}
NUMBER = {"blank": "", "words": f"{PERSON}!", "long": "9" * 21}
LOGIN = {"blank": "", "words": PERSON, "short": "jj", "long": "j" * 41}
NAME = {"blank": "", "spaces": "  ", "signs": f"{PERSON}\x07", "long": PERSON * 2000}
TEXTS = {
    "accepted": {"blank": "", "long": PERSON * 200},
    "article": TEXT, "by": TEXT, "called_at": INSTANT, "came": INSTANT, "code": CODE, "code_word": TEXT,
    "advice": TEXT, "company": TEXT, "counsel": TEXT, "phone": {**TEXT, "words": PERSON}, "country": {**CODE, "small": "nl"}, "email": ADDRESS,
    "explanation": TEXT, "findings": CODE, "found_by_way": TEXT, "function": TEXT, "ground": CODE,
    "kind": CODE, "label": {**TEXT, "signs": f"{PERSON}!"}, "legal_ground": TEXT, "login": SECRET,
    "looked_at": CODE,
    "mailbox": ADDRESS, "mapping": CODE, "missing": TEXT, "name": NAME, "note": TEXT,
    "paper": {"blank": "", "words": PERSON, "long": "a" * 65, "capitals": "A" * 64}, "personnel_number": NUMBER,
    "purpose": TEXT, "question": TEXT, "reference": TEXT, "reason": {**TEXT, "short": "x"}, "reasons": CODE, "region": CODE,
    "roles": CODE, "says_en": TEXT, "says_nl": TEXT, "screening": DAYS,
    "sealed": DAYS, "secrecy": DAYS, "spoke_to": TEXT, "text": TEXT, "training": DAYS, "value": ADDRESS,
    "zone": {**CODE, "planet": "Mars/Phobos"},
}  # fmt: skip
"""What is wrong for a word of which the tree says nothing but its name."""

OWN_TEXTS = {
    "collect claim code": SECRET,
    "staff password code": SECRET,
    "plan shorten until": {"words": PERSON, "blank": "", "no zone": "2026-12-01T00:00:00"},
    "staff request account login": LOGIN,
    "staff request founder login": LOGIN,
}
READ = {"file", "path", "order", "objection", "key_path", "key_request", "policy_file", "log"} | {
    "administrator", "overseer",
}  # fmt: skip
"""Files of which a command reads what is in them."""

FREE = {
    "records import file": "what no line can be made of is kept aside, and told",
    "package open file": "is not read: its name only is looked at",
    "keys export-trust folder": "is made where it is not",
    "collect receipt code": "a wrong one is taken, and answered as a receipt that is refused",
}
"""Where anything may be given, and why."""

PERIOD = {"start": "2026-06-03T00:00:00", "end": "2026-06-06T00:00:00+02:00"}
ZONED = {**PERIOD, "start": "2026-06-03T00:00:00+02:00"}
DEMANDS = {
    "no day": (demand_json(order_date="2026-02-30"), "/order_date"),
    "no zone": (
        demand_json(items=[item(period={**PERIOD, "zone": "Europe/Amsterdam"})]),
        "/items/0/period/start",
    ),
    "planet": (demand_json(items=[item(period={**ZONED, "zone": PERSON})]), "/items/0/period/zone"),
    "kind": (demand_json(items=[item(PERSON)]), "/items/0/target/kind"),
    "id": (demand_json(receivers=[PERSON]), "/receivers/0"),
    "unknown field": (demand_json(colour=PERSON), "/colour"),
}
MAPPING = load_shipped("asterisk-master-csv")
FIELDS = {
    "demands new file": DEMANDS,
    "demands correct file": DEMANDS,
    "approvals propose path": {
        "country": ({**PROPOSAL["request"], "country": PERSON}, "/request/country"),
    },
    "sources declare mapping": {
        "kind": ({**MAPPING, "kind": PERSON}, "/mapping/kind"),
        "region": ({**MAPPING, "region": PERSON}, "/mapping/region"),
    },
}
"""JSON that is an object with one field wrong, and what names the field."""

UNKNOWN = {
    "agencies propose desk members": {"code": INPUT, "told": "/request/members"},
    "agencies propose organisation prosecution": {"code": INPUT, "told": "/request/prosecution"},
    "legal call-back contact": {"code": INPUT, "told": "/contact"},
}
"""How it ends where something else than that there is no such thing is said."""

FIELD = {
    "approvals propose kind": "kind of approval",
    "collect receipt path": "receipt file",
    "custody verify policy_file": "policy",
    "legal answer text": "/answer",
    "agencies propose certificate path": "/pem",
    "legal refuse advice": "/advice/summary",
    "legal refuse advised_on": "/advice/given_on",
    "legal refuse counsel": "/advice/counsel",
    "plan compile ground": "/past_term/ground",
}
"""What names a parameter that has another name in the API."""

WRITTEN = "is written to a file; the service is asked when that is proposed"
COMPARED = "is compared with the item when the demand is under review"
ANY = {
    "backup removed backup_id": "is looked for in the database of the server, where there is none",
    "confirmations authorised came": "is compared where something is owed",
    "confirmations authorised written_on": "is compared where something is owed",
    "confirmations record validated_by": "is looked up where a validation is owed",
    "demands new key": "is a word of one's own choice",
    "legal annex file possible_by": "is compared with the clock when the demand is under review",
    "legal annex file left_out": "is compared with the items when the demand is under review",
    "legal refuse advised_on": "is compared when the demand is under review",
    "legal narrow clarification": "is looked up when the demand is under review",
    "legal narrow keep_from": COMPARED,
    "legal narrow keep_until": COMPARED,
    "records import made_at": "is one's own word, compared with the clock",
    "staff request clearance account": WRITTEN,
    "staff request delegation account": WRITTEN,
    "staff request delegation of": WRITTEN,
    "staff request delegation since": WRITTEN,
    "staff request delegation until": WRITTEN,
    "staff reachable away since": "is one's own word",
    "staff reachable away until": "is one's own word",
    "staff request account since": WRITTEN,
    "staff request account until": WRITTEN,
    "staff request engagement account": WRITTEN,
    "staff request engagement since": WRITTEN,
    "staff request engagement until": WRITTEN,
    "staff request key account": WRITTEN,
    "staff request roles account": WRITTEN,
}
"""Words of which one of a right form is not looked up, and why."""

NO_CODE = dict.fromkeys(CONTENTS, VERIFIES_NOT)
CODES = {
    "approvals propose kind": {"words": STATE, "path": STATE},
    "collect receipt path": NO_CODE,
    "package verify file": dict.fromkeys(CONTENTS, DAMAGED),
}
"""How a command ends that does not refuse what is wrong as no valid input."""

WHERE = "{folder}/the-file"
"""Where a file lies that is given."""


@dataclass(frozen=True)
class Case:
    """One wrong value of one parameter; ``file`` is what lies at ``WHERE``."""

    name: str
    command: click.Command
    chosen: click.Parameter
    wrong: str
    value: str
    code: int = INPUT
    told: str | None = None
    file: bytes | None = None

    @property
    def label(self):
        return f"{self.name} {self.chosen.name}"

    @property
    def names(self):
        """Return the words of which one has to say what is wrong."""
        if self.told is not None:
            return {self.told}
        one = self.chosen
        words = {one.human_readable_name} if isinstance(one, click.Argument) else {one.opts[0]}
        pointers = {
            f"/{one.name}",
            f"/{one.human_readable_name.lower()}",
            FIELD.get(self.label, WHERE),
        }
        return words | pointers | ({"the-file"} if "{folder}" in self.value else set())


def parameters():
    """Yield every parameter that takes a value, with its command and the command's name."""
    for path, command in LEAVES:
        for one in command.params:
            if not getattr(one, "is_flag", False):
                yield " ".join(path), command, one


def cases_of(name, command, chosen):
    """Return the wrong values of a parameter. Fails for one of which nothing is known."""
    label = f"{name} {chosen.name}"
    codes = CODES.get(label, {})
    found = [*values_of(label, chosen), *fields_of(label)]
    return [
        Case(
            name, command, chosen, wrong, value, **{"code": codes.get(wrong, usual(wrong)), **more}
        )
        for wrong, value, more in found
    ]


def usual(wrong):
    return STATE if wrong == "unknown" else INPUT


def values_of(label, chosen):
    """Yield (what is wrong, value, how it ends) by the type of a parameter."""
    kind = chosen.type
    if isinstance(kind, click.Choice):
        yield "word", PERSON, {}
    elif isinstance(kind, click.IntRange):
        yield from numbers_of(chosen)
    elif isinstance(kind, Form):
        yield from ((wrong, value, {}) for wrong, value in CODE.items())
        if label not in ANY:
            yield "unknown", absent(label), UNKNOWN.get(label, {"told": "no such"})
    elif isinstance(kind, click.Path):
        yield from files_of(label, chosen)
    elif label in FREE:
        return
    else:
        assert kind is click.STRING, f"{label}: nothing is known of its type"
        known = OWN_TEXTS.get(label) or TEXTS.get(chosen.name)
        assert known, f"{label}: no wrong value is known"
        yield from ((wrong, value, {}) for wrong, value in known.items())


def numbers_of(chosen):
    kind = chosen.type
    assert kind.min is not None, f"{chosen.name}: has no lowest value"
    words = {"word": PERSON, "half": "1.5"}
    if kind.max is not None:
        words["above"] = str(kind.max + 1)
    if isinstance(chosen, click.Option) or kind.min > 0:
        words["below"] = str(kind.min - 1)
    if isinstance(chosen, click.Option):  # else it is taken for an option, and refused as such
        words["negative"] = "-1"
    yield from ((wrong, value, {}) for wrong, value in words.items())


def files_of(label, chosen):
    kind = chosen.type
    if chosen.name == "key_path":
        yield "missing", WHERE, {"code": STATE, "told": "no key file"}
        yield "folder", "{folder}", {"told": "not a folder"}
    if isinstance(kind, OutFile):
        yield "in none", WHERE + "/in", {"told": "no folder"}
    if kind.exists:
        yield "missing", WHERE, {}
    if not kind.dir_okay:
        yield "folder", "{folder}", {"told": "is a directory"}
    if not kind.file_okay:
        yield "file", WHERE, {"file": b"x", "told": "is a file"}
    elif chosen.name in READ and label not in FREE:
        wrong_ones = {"empty": b""} if chosen.name == "order" else CONTENTS  # else it came as it is
        yield from ((wrong, WHERE, {"file": data}) for wrong, data in wrong_ones.items())


def fields_of(label):
    for wrong, (value, pointer) in FIELDS.get(label, {}).items():
        yield f"field: {wrong}", WHERE, {"file": json.dumps(value).encode(), "told": pointer}


def absent(label):
    name = label.rpartition(" ")[2]
    return ABSENT.get(label) or ABSENT.get(name) or WORDS[name]
