import pytest

from lea_service.kernel.actors import Actor
from lea_service.kernel.database import get_row
from lea_service.kernel.datakeys import DataKey, open_object, open_sealed, open_text
from lea_service.kernel.errors import IntegrityFailure, NotFound
from tests.support.log import build_log

TEXT, OBJECT = "a text", {"name": "a text"}
LABEL = "label"
ANYBODY = Actor("s_1", frozenset())


@pytest.fixture
def log(databases, clock, ids, tmp_path):
    return build_log(databases.cases, clock, ids, tmp_path / "signer.json")


def seal(log, value):
    with log.transactions.begin(ANYBODY) as tx:
        stream = tx.new_stream("c")
        return stream, tx.seal(stream, value, LABEL)


def read(log, opened, stream, blob):
    with log.transactions.read() as session:
        return opened(session, log.transactions.keys, stream, blob, LABEL)


@pytest.mark.parametrize(("way", "value"), [(open_text, TEXT), (open_object, OBJECT)])
def test_sealed_column_opens_in_its_shape(log, way, value):
    sealed = seal(log, value)
    assert read(log, way, *sealed) == value == read(log, open_sealed, *sealed)


@pytest.mark.parametrize(
    ("way", "value"),
    [
        (open_text, OBJECT),
        (open_text, 1),
        (open_text, None),
        (open_object, TEXT),
        (open_object, []),
    ],
)
def test_column_of_another_shape_is_refused(log, way, value):
    with pytest.raises(IntegrityFailure, match="something else than"):
        read(log, way, *seal(log, value))


def test_missing_row_is_not_found(log):
    with log.transactions.read() as session, pytest.raises(NotFound, match="no such key"):
        get_row(session, DataKey, "k_1", "key")
