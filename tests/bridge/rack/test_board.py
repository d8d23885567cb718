"""Chains become pedalboard's plug-ins; parameters are set by name, within their ranges."""

import numpy as np
import pytest

from signals import music
from streamsep import StemMixer
from streamsep_bridge.rack.board import Board, chain_of
from streamsep_bridge.rack.catalogue import EFFECTS, TRANSPOSE
from streamsep_bridge.rack.chain import find_chain, read_chain
from streamsep_bridge.rack.parameters import ChainError

pedalboard = pytest.importorskip("pedalboard")

MUSIC = music(0.5)


@pytest.mark.parametrize("effect", sorted(set(EFFECTS) - {"Convolution", TRANSPOSE}))
def test_every_effect_is_there_with_these_parameters_and_takes_its_whole_range(effect):
    board = Board(read_chain([{"effect": effect}], "my"))
    (slot,) = board.parameters
    plugin = getattr(pedalboard, effect)
    own = {n for n in dir(plugin) if isinstance(getattr(plugin, n), property)}
    assert own - {"is_effect", "is_instrument"} == set(board.parameters[slot])
    for name, parameter in board.parameters[slot].items():
        values = parameter.choices or (
            (True, False) if parameter.is_switch else (parameter.low, parameter.high)
        )
        for value in values:
            board.set(slot, name, value)
            assert dict(board.chain.entries[0].parameters)[name] == value
        with pytest.raises(ChainError):
            board.set(slot, name, 1e9)


def test_a_board_sounds_as_its_pedalboard():
    chain = read_chain([{"effect": "Chorus", "mix": 0.3}, {"effect": "Gain", "gain_db": -6}], "my")
    expected = pedalboard.Pedalboard([pedalboard.Chorus(mix=0.3), pedalboard.Gain(-6)])
    assert np.array_equal(Board(chain)(MUSIC, 44100), expected(MUSIC, 44100))


def test_parameters_act_and_unknown_ones_are_refused():
    board = Board(read_chain([{"effect": "Gain", "gain_db": 0.0}], "my"))
    before = board(MUSIC, 44100)
    board.set("gain", "gain_db", -20.0)
    assert np.abs(board(MUSIC, 44100) - 0.1 * before).max() < 1e-6
    with pytest.raises(ChainError, match=r"slot 'gian'.*did you mean 'gain'"):
        board.set("gian", "gain_db", 0.0)
    with pytest.raises(ChainError, match=r"'gain'.*did you mean 'gain_db'"):
        board.set("gain", "gain", 0.0)


def test_a_pedalboard_becomes_a_chain():
    plugins = pedalboard.Pedalboard(
        [pedalboard.Reverb(room_size=0.25), pedalboard.LadderFilter(cutoff_hz=500.0)]
    )
    chain = chain_of(plugins)
    assert dict(chain.entries[0].parameters)["room_size"] == 0.25
    assert np.array_equal(Board(chain)(MUSIC, 44100), plugins(MUSIC, 44100))


def test_a_plug_in_by_its_file(latent_plugin):
    chain = read_chain([{"plugin": latent_plugin, "name": "max", "threshold_db": -20.0}], "my")
    board = Board(chain)
    assert {"threshold_db", "release_ms"} <= set(board.parameters["max"])
    loud = board(MUSIC, 44100)
    assert np.abs(loud).mean() > 2.0 * np.abs(MUSIC).mean()
    with pytest.raises(ChainError, match="outside -30 to 0"):
        board.set("max", "threshold_db", 3.0)
    with pytest.raises(ChainError, match=r"parameter of 'max' 'treshold_db'.*did you mean"):
        board.set("max", "treshold_db", -3.0)
    with pytest.raises(ChainError, match="which file"):
        chain_of([pedalboard.load_plugin(latent_plugin)])


def test_a_plug_in_for_another_number_of_channels_is_told(latent_plugin):
    mono = latent_plugin.replace("ZaMaximX2", "ZamComp")
    board = Board(read_chain([{"plugin": mono}], "my"))
    with pytest.raises(
        ChainError, match=r"my cannot process 2 channel\(s\) at 44100 Hz: .*ZamComp"
    ):
        board(MUSIC, 44100)
    assert board(MUSIC[:1], 44100).shape == MUSIC[:1].shape


def test_what_is_no_plug_in_is_refused(tmp_path):
    (tmp_path / "no.vst3").write_text("no")
    chain = read_chain([{"plugin": "no.vst3"}], "my", tmp_path)
    with pytest.raises(ChainError, match=r"my, 'no' cannot be loaded: .*no\.vst3"):
        Board(chain)


@pytest.mark.parametrize("name", ["hall", "radio", "punch", "glue"])
def test_bundled_chains_run_without_latency(name):
    out = Board(find_chain(name))(MUSIC, 44100)
    assert out.shape == MUSIC.shape
    assert np.isfinite(out).all()
    assert np.abs(out).max() > 0.01


def test_a_latent_plug_in_on_a_stem_leaves_a_mix_aligned(latent_plugin):
    stems = np.stack([0.3 * music(1.0, seed=k) for k in range(3)])
    mixer = StemMixer(("vocals", "drums", "other"), 44100)
    expected = mixer(stems, 44100)
    mixer.fx["drums"] = Board(read_chain([{"plugin": latent_plugin}], "my"))
    parts = [mixer(part, 44100, reset=False) for part in np.array_split(stems, 90, axis=-1)]
    streamed = np.concatenate([*parts, mixer.flush()], axis=1)
    assert parts[0].shape[1] < stems.shape[-1] // 90
    assert np.abs(streamed - expected).max() < 1e-6
    assert np.abs(mixer(stems, 44100) - expected).max() < 1e-6
