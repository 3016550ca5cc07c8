"""A list of parties in one column: every list has one text, and each party in it one place."""

from hypothesis import given
from hypothesis import strategies as st

from lea_service.extraction.scope_proof import _is_listed
from lea_service.records.chains import read_chain, write_chain, write_word

PARTIES = st.text(
    st.one_of(st.sampled_from('% "\\\t+20\u00a0\u2028'), st.characters(exclude_categories=["Cs"])),
    min_size=1,
    max_size=12,
)


@given(st.lists(PARTIES, min_size=1, max_size=6))
def test_list_reads_back_as_it_was(parties):
    text = write_chain(parties)
    assert read_chain(text) == tuple(parties)
    assert text.split(" ") == [write_word(one) for one in parties]
    assert text.isprintable() or not "".join(parties).isprintable()


@given(st.lists(PARTIES, min_size=1, max_size=6), PARTIES)
def test_party_is_in_a_list_by_its_whole_word(parties, other):
    text = write_chain(parties)
    assert (f" {write_word(other)} " in f" {text} ") is (other in parties)
    assert _is_listed(text, {other}) is (other in parties)


def test_no_party_is_no_list():
    assert (write_chain([]), read_chain(None), read_chain("")) == (None, (), ())


def test_numbers_and_addresses_stand_as_they_are():
    for plain in ("+31201234567", "sip:+31201234567;ext=1@b.example", "200"):
        assert write_word(plain) == plain
