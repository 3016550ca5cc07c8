from lea_service.kernel.remembered import Remembered


def test_what_was_asked_for_last_stays():
    kept = Remembered(2)
    kept.keep("one", 1)
    kept.keep("two", 2)
    assert kept.find("one") == 1
    kept.keep("three", 3)
    assert [kept.find(key) for key in ("one", "two", "three")] == [1, None, 3]
    assert len(kept) == 2


def test_newer_value_takes_the_place_of_the_one_before():
    kept = Remembered(2)
    kept.keep("one", 1)
    kept.keep("two", 2)
    kept.keep("one", 11)
    kept.keep("three", 3)
    assert [kept.find(key) for key in ("one", "two", "three")] == [11, None, 3]


def test_what_was_forgotten_is_gone():
    kept = Remembered(2)
    kept.keep("one", 1)
    kept.clear()
    assert (kept.find("one"), len(kept)) == (None, 0)
