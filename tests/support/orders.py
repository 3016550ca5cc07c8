"""Orders as an authority writes them, read in this process, and what has to be typed again."""

from functools import partial

from lea_service.demonstration.order import write_order
from lea_service.kernel.datakeys import open_object
from lea_service.legal.acceptance import compared_label
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.models import Assessment
from lea_service.legal.order_comparison import OrderCheck
from lea_service.legal.order_reader import read_document
from lea_service.legal.order_text import OrderText
from lea_service.legal.order_words import load_order_words
from lea_service.records.identifiers import normalise_target

CATEGORIES = load_order_words().categories


def order_of(asked, *more):
    """Return the order behind a demand in JSON, as a PDF."""
    lines = [f"Vordering van {asked['order_date']}, grondslag {asked['legal_basis']}"]
    lines += [one["value"] for one in asked.get("references", ())]
    if given := asked.get("judicial_authorisation"):
        named = [given.get("reference"), given.get("given_on")]
        lines.append(f"Machtiging: {' van '.join(one for one in named if one)}")
    for item in asked["items"]:
        lines.append(", ".join(CATEGORIES[one][0] for one in item["categories"]))
        lines.append(f"Betreft: {item['target']['value']}")
        lines.append(f"van {item['period']['start']} tot {item['period']['end']}")
    return write_order([*lines, *more])


def read_here(data):
    """Read an order without a process of its own."""
    found = read_document(data)
    pages, observed = tuple(map(tuple, found.pages)), tuple(found.observations)
    return OrderText(pages, observed, found.sent_at)


def make_orders(catalogue=None, read=read_here):
    return OrderCheck(
        catalogue or load_catalogue(), read, partial(normalise_target, region="NL"), "NL"
    )


def retyped(transactions, assessment, *refs):
    """Return what somebody who reads the order types again to accept findings."""
    demand, label = assessment.demand_id, compared_label(assessment.id)
    with transactions.read() as session:
        sealed = session.get_one(Assessment, assessment.id).compared_sealed
        values = open_object(session, transactions.keys, demand, sealed, label)
    return [value for ref in refs for _, value in values.get(ref, ())]
