import pytest

from lea_service.kernel.errors import TooManyAttempts
from lea_service.web.strangers import ADDRESSES, StrangerWindow
from tests.support.clock import FixedClock


def test_each_address_has_its_own_count():
    window = StrangerWindow(1, FixedClock(), lambda count: None)
    window.note("a")
    window.check("a")
    window.note("a")
    window.check("b")
    with pytest.raises(TooManyAttempts):
        window.check("a")


def test_minute_ends_and_is_reported_once():
    clock, told = FixedClock(), []
    window = StrangerWindow(1, clock, told.append)
    window.note("a")
    window.note("a")
    clock.advance(seconds=60)
    window.end_minute()
    window.end_minute()
    window.check("a")
    assert told == [2]


def test_memory_does_not_grow_with_addresses():
    window = StrangerWindow(3, FixedClock(), lambda count: None)
    for number in range(ADDRESSES + 50):
        window.note(str(number))
    with pytest.raises(TooManyAttempts):
        window.check("yet another")
