"""What each kind of finding is, by the words that make it."""

from lea_service.legal.word import (
    Word,
    ask,
    clarify,
    defect,
    differs,
    observed,
    passed,
    repeated,
)

SAYS, CURE, GROUND = "It says.", "It would be cured.", "form"


def test_each_kind_of_words_has_its_outcome_and_marks():
    assert passed(SAYS) == Word("pass", SAYS)
    assert defect(GROUND, SAYS, CURE) == Word("defect", SAYS, CURE, GROUND)
    assert defect(GROUND, SAYS, CURE, ours=True) == Word("defect", SAYS, CURE, GROUND, ours=True)
    assert clarify(GROUND, SAYS, CURE) == Word("clarify", SAYS, CURE, GROUND)
    marked = {"holds": True, "ours": True, "asked": True}
    assert clarify(GROUND, SAYS, CURE, **marked) == Word("clarify", SAYS, CURE, GROUND, **marked)
    assert observed(SAYS, CURE) == Word("clarify", SAYS, CURE, ours=True)


def test_what_one_of_us_is_asked_is_for_us():
    assert ask(SAYS, CURE) == Word("ask_human", SAYS, CURE, ours=True)
    held = Word("ask_human", SAYS, CURE, GROUND, holds=True, ours=True)
    assert ask(SAYS, CURE, GROUND, holds=True) == held
    about_others = Word("ask_human", SAYS, CURE, GROUND, ours=True, private=True)
    assert repeated(SAYS, CURE, GROUND) == about_others
    assert differs(SAYS, CURE) == Word("ask_human", SAYS, CURE, retype=True, ours=True)
