"""How far the work is, as the API and the bar at the command line tell it."""

from lea_service.packaging.sealing import RENDERINGS


def test_sealing_says_how_many_of_how_many(whole):
    whole.source()
    whole.calls(30)
    whole.delivered()
    (extracted,), (sealed,) = whole.jobs("extraction.run"), whole.jobs("package.seal")
    assert (extracted.progress_done, extracted.progress_total) == (30, 30)
    assert (sealed.progress_done, sealed.progress_total) == (30 * RENDERINGS, 30 * RENDERINGS)


def test_nothing_found_is_sealed_without_a_rest(whole):
    whole.source()
    whole.delivered()
    (sealed,) = whole.jobs("package.seal")
    assert (sealed.progress_done, sealed.progress_total) == (0, 0)
