"""What a project was made for: kept, compared with what plays, refused in one line."""

from dataclasses import replace

import pytest

from streamsep.errors import ParameterError
from streamsep.spec import PROFILES
from streamsep_bridge.daw.setup import FILE_NAME, DawError, check_delay, load_setup, plan_setup

STEMS = ["vocals", "drums", "bass", "other"]


def plan(profile="stage", block=256, rate=48000):
    return plan_setup("ardour", "classic", profile, None, rate, block, 32)


def facts(setup, **other):
    found = {
        "preset": "classic",
        "profile": setup.profile,
        "stems": STEMS,
        "sample_rate": setup.sample_rate,
        "block_size": setup.block_size,
        "latency_samples": setup.latency_samples,
    }
    return {**found, **other}


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
@pytest.mark.parametrize("block", [64, 128, 256, 480, 1024, 4096])
def test_the_delay_is_the_separations_and_one_block(profile, block):
    setup = plan(profile.name, block)
    assert setup.delay_samples == profile.latency_samples(block) + block + 32
    if profile.hop % block == 0:  # what a block adds on the way is what hops wait less for
        assert setup.delay_samples == profile.synthesis_length + 32


def test_it_is_kept_beside_the_project(tmp_path):
    setup = replace(plan(), written_samples=1056)
    setup.save(tmp_path)
    assert load_setup(tmp_path) == setup
    assert setup.tracks["vocals"] == "Vocals"
    check_delay(tmp_path, setup, facts(setup))


def test_another_delay_is_refused_with_the_remedy_and_noted(tmp_path):
    setup = replace(plan(), written_samples=1056)
    setup.save(tmp_path)
    late = facts(setup, block_size=1024, latency_samples=700)
    with pytest.raises(
        DawError, match=r"1056 samples .* needs 1756 .*streamsep daw ardour --session"
    ):
        check_delay(tmp_path, setup, late)
    noted = load_setup(tmp_path)
    assert (noted.block_size, noted.delay_samples, noted.written_samples) == (1024, 1756, 1056)


def test_other_rates_and_stems_no_delay_makes_good(tmp_path):
    setup = plan()
    with pytest.raises(DawError, match="the project has 48000 Hz and the sound server 44100"):
        setup.fit(facts(setup, sample_rate=44100))
    with pytest.raises(DawError, match="make another project"):
        setup.fit(facts(setup, stems=["vocals", "accompaniment"]))
    with pytest.raises(ParameterError, match="96000 Hz is no rate"):
        plan(rate=96000)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"daw": "ardour", "stems": 3}'])
def test_a_damaged_file_is_one_line(tmp_path, text):
    with pytest.raises(DawError, match=r"has no streamsep\.json"):
        load_setup(tmp_path)
    (tmp_path / FILE_NAME).write_text(text)
    with pytest.raises(DawError, match="is damaged"):
        load_setup(tmp_path)
