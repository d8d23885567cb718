import numpy as np
import pytest

from streamsep.errors import ParameterError
from streamsep_offline.separation.mixes import plan_mix

FOUR = ("vocals", "drums", "bass", "other")


def _estimates():
    rng = np.random.default_rng(0)
    return rng.standard_normal((4, 2, 50)).astype(np.float32)


def test_a_full_set_closes_on_the_mixture():
    mix, estimates = plan_mix(FOUR), _estimates()
    mixture = estimates.sum(0) + 0.1
    stems = mix.apply(FOUR, estimates, mixture)
    assert mix.stems == FOUR
    assert np.array_equal(stems[:3], estimates[:3])
    np.testing.assert_allclose(stems.sum(0), mixture, atol=1e-6)


def test_a_subset_comes_out_as_estimated_and_in_the_order_asked_for():
    mix, estimates = plan_mix(FOUR, targets=("bass", "vocals")), _estimates()
    stems = mix.apply(FOUR, estimates, estimates.sum(0))
    assert mix.stems == mix.used == ("bass", "vocals")
    assert np.array_equal(stems, estimates[[2, 0]])


def test_a_residual_is_what_the_others_leave():
    mix, estimates = plan_mix(FOUR, targets=("drums",), residual="minus_drums"), _estimates()
    mixture = _estimates()[0]
    stems = mix.apply(("drums",), estimates[1:2], mixture)
    assert mix.stems == ("drums", "minus_drums")
    assert mix.used == ("drums",)
    np.testing.assert_allclose(stems[1], mixture - estimates[1], atol=1e-6)


def test_aggregate_sums_its_sources():
    mix = plan_mix(FOUR, aggregate={"low": ("bass", "drums"), "vocals": ("vocals",)})
    estimates = _estimates()
    stems = mix.apply(FOUR, estimates, estimates.sum(0))
    assert mix.stems == ("low", "vocals")
    np.testing.assert_allclose(stems[0], estimates[1] + estimates[2], atol=1e-6)
    assert np.array_equal(stems[1], estimates[0])


def test_an_aggregate_of_everything_closes_on_the_mixture():
    mix = plan_mix(FOUR, aggregate={"vocals": ["vocals"], "rest": ["drums", "bass", "other"]})
    estimates = _estimates()
    mixture = estimates.sum(0) + 0.2
    np.testing.assert_allclose(mix.apply(FOUR, estimates, mixture).sum(0), mixture, atol=1e-6)


def test_two_stems_are_a_target_and_all_the_rest():
    mix, estimates = plan_mix(FOUR, two_stems="bass"), _estimates()
    stems = mix.apply(FOUR, estimates, estimates.sum(0))
    assert mix.stems == ("bass", "no_bass")
    assert set(mix.used) == set(FOUR)  # all of them, for the filter's sake
    np.testing.assert_allclose(stems[1], estimates[[0, 1, 3]].sum(0), atol=1e-5)


def test_a_model_of_one_target_leaves_the_rest_to_the_residual():
    assert not plan_mix(("vocals",)).closes
    mix = plan_mix(("vocals",), two_stems="vocals")
    estimates, mixture = _estimates()[:1], _estimates()[1]
    stems = mix.apply(("vocals",), estimates, mixture)
    np.testing.assert_allclose(stems[1], mixture - estimates[0], atol=1e-6)


def test_a_source_in_two_stems_is_summed_in_both():
    mix = plan_mix(
        FOUR, aggregate={"band": FOUR[1:], "rhythm": ("drums", "bass"), "v": ("vocals",)}
    )
    estimates = _estimates()
    stems = mix.apply(FOUR, estimates, np.zeros((2, 50), np.float32))
    np.testing.assert_allclose(stems[1], estimates[1] + estimates[2], atol=1e-6)
    assert np.array_equal(stems[2], estimates[0])


@pytest.mark.parametrize(
    "options",
    [
        {"targets": ("vocals", "guitar")},
        {"aggregate": {"x": ("guitar",)}},
        {"targets": ("vocals",), "aggregate": {"x": ("drums",)}},
        {"two_stems": "guitar"},
    ],
)
def test_unknown_names_are_refused_with_the_list(options):
    with pytest.raises(ParameterError, match=r"unknown; there are: vocals"):
        plan_mix(FOUR, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"targets": ()}, "at least one name"),
        ({"targets": "vocals"}, "must be a list"),
        ({"aggregate": {"x": "vocals"}}, "must be a list"),
        ({"aggregate": {}}, "no stems are wanted"),
        ({"targets": ("bass", "bass")}, "named twice"),
        ({"residual": "bass"}, "named twice"),
        ({"two_stems": "bass", "residual": "x"}, "leave out"),
    ],
)
def test_contradictions_are_refused(options, message):
    with pytest.raises(ParameterError, match=message):
        plan_mix(FOUR, **options)
