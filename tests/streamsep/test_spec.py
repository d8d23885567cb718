import math

import pytest

from streamsep.errors import ParameterError, PresetError
from streamsep.spec import PROFILES, Profile, StreamSpec, find_profile, find_stem_set


@pytest.mark.parametrize("block", [1, 32, 64, 441, 480, 512, 1000, 1024, 4096])
@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_latency_formula_is_the_true_worst_case(profile, block):
    """Simulated: the most samples owed at the end of any block."""
    hop, owed = profile.hop, 0
    for m in range(0, 4 * hop * block // math.gcd(hop, block), block):
        finished = (m // hop + 1) * hop - profile.synthesis_length
        owed = max(owed, m - finished)
    assert profile.latency_samples(block) == owed


def test_promising_nothing_is_the_worst_block():
    for profile in PROFILES.values():
        assert profile.latency_samples(None) == profile.synthesis_length - 1
        assert profile.latency_samples(4096) == profile.synthesis_length - profile.hop


def test_ladder_is_ordered():
    latencies = [p.latency_samples() for p in PROFILES.values()]
    assert latencies == sorted(latencies, reverse=True)


def test_bad_profiles_are_refused():
    with pytest.raises(ParameterError, match="power of two"):
        Profile("x", 1000, 512, 256)
    with pytest.raises(ParameterError, match="must not exceed"):
        Profile("x", 512, 1024, 512)
    with pytest.raises(ParameterError, match="at most half"):
        Profile("x", 1024, 1024, 1024)


def test_unknown_names_list_what_exists():
    with pytest.raises(PresetError, match="studio, stage, tight, instant"):
        find_profile("fast")
    with pytest.raises(PresetError, match="2stems, 4stems, 5stems"):
        find_stem_set("3stems")


def test_residual_is_the_last_target():
    spec = StreamSpec(PROFILES["stage"], 44100, 2, find_stem_set("4stems"))
    assert spec.residual == "other"
    assert spec.estimated == ("vocals", "drums", "bass")
