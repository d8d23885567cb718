import pickle
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamsep.errors import ParameterError
from streamsep_offline.augment.chain import KINDS, Augment, make_augment
from streamsep_offline.augment.piece import HeardOnly
from streamsep_offline.data.example import Example

RATE = 44100
EVERYTHING = [{"kind": kind, "chance": 1.0} for kind in KINDS]


def draw(seed, targets, channels, n, level_db, silent=False, rest=False):
    rng = np.random.default_rng(seed)
    stems = rng.standard_normal((targets, channels, n)) * 10 ** (level_db / 20)
    if silent:
        stems[0] = 0.0
    example = Example.from_stems(stems.astype(np.float32))
    if rest:
        extra = rng.standard_normal((channels, n)) * 10 ** (level_db / 20)
        example = Example(example.mixture + extra.astype(np.float32), example.stems)
    return example


def copies(example):
    return Example(*(array.copy() for array in example))


def is_same(a, b):
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    targets=st.integers(1, 4),
    channels=st.integers(1, 2),
    n=st.integers(1, 9000),
    level_db=st.floats(-200, 60, allow_subnormal=False),
    silent=st.booleans(),
    rest=st.booleans(),
)
def test_everything_at_once_keeps_the_contract(seed, targets, channels, n, level_db, silent, rest):
    example = draw(seed, targets, channels, n, level_db, silent, rest)
    before = copies(example)
    varied = make_augment(EVERYTHING)(np.random.default_rng(seed), example, RATE)
    assert is_same(example, before)
    for new, old in zip(varied, before, strict=True):
        assert new.shape == old.shape
        assert new.dtype == np.float32
        assert np.isfinite(new).all()


@pytest.mark.parametrize("kind", KINDS)
def test_every_piece(kind, example):
    """Same random numbers, same result; arguments stay; stems sum, or are untouched; chance 0 is nothing."""
    piece = make_augment([{"kind": kind, "chance": 1.0}])
    before = copies(example)
    varied = piece(np.random.default_rng(1), example, RATE)
    assert is_same(example, before)
    assert is_same(varied, piece(np.random.default_rng(1), example, RATE))
    assert not is_same(varied, example)
    if isinstance(piece.pieces[0], HeardOnly):
        assert np.array_equal(varied.stems, example.stems)
    else:
        assert np.abs(varied.mixture - varied.stems.sum(axis=0)).max() < 1e-6
    never = make_augment([{"kind": kind, "chance": 0.0}])(np.random.default_rng(1), example, RATE)
    assert is_same(never, example)
    assert piece.pieces[0].kind == kind


@pytest.mark.parametrize("kind", [k for k, v in KINDS.items() if not issubclass(v, HeardOnly)])
def test_what_a_mixture_holds_besides_its_stems_is_kept(kind):
    """With one target of two, the rest is varied like a stem, not lost: Open-Unmix's aligned layout."""
    stems = draw(3, 2, 2, 20000, -20.0).stems
    partly = Example(stems.sum(axis=0), stems[:1])
    piece = make_augment([{"kind": kind, "chance": 1.0}])
    whole = piece(np.random.default_rng(5), Example.from_stems(stems), RATE)
    varied = piece(np.random.default_rng(5), partly, RATE)
    assert varied.stems.shape == (1, 2, 20000)
    assert np.abs(varied.mixture - whole.mixture).max() < 1e-3
    assert np.abs(varied.stems[0] - whole.stems[0]).max() < 1e-3


def test_no_pieces_are_the_identity(example):
    assert is_same(Augment()(np.random.default_rng(0), example, RATE), example)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"kind": "gian"}, "did you mean 'gain'"),
        ({}, "there are: gain"),
        ({"kind": "gain", "low_dB": -3}, "did you mean 'low_db'"),
        ({"kind": "gain", "chance": 1.5}, "use 0 to 1"),
        ({"kind": "gain", "low_db": 3, "high_db": 2}, "exceeds high_db"),
        ({"kind": "gain", "low_db": "loud"}, "expected a number"),
        ({"kind": "drop", "only": ["vocal"]}, "did you mean 'vocals'"),
        ({"kind": "codec", "codecs": ["mp4"]}, "did you mean 'mp3'"),
        ({"kind": "codec", "codecs": []}, "no codecs"),
        ({"kind": "band", "order": 2.5}, "whole number"),
    ],
)
def test_mistakes_are_named_with_what_was_meant(table, words):
    with pytest.raises(ParameterError, match=words):
        make_augment([table], ("vocals", "drums"))


def test_stems_vary_before_what_is_heard():
    with pytest.raises(ParameterError, match="'gain' changes stems but follows 'codec'"):
        make_augment([{"kind": "codec"}, {"kind": "gain"}])


def test_names_need_targets_with_names():
    with pytest.raises(ParameterError, match=r"name them in \[data\] targets"):
        make_augment([{"kind": "drop", "only": ["vocals"]}])


def test_a_chain_goes_to_other_processes():
    augment = make_augment(EVERYTHING)
    assert pickle.loads(pickle.dumps(augment)) == augment


def test_only_some_stems_by_name(example):
    names = ("vocals", "drums", "other")
    augment = make_augment([{"kind": "sign", "chance": 1.0, "only": ["drums"]}], names)
    varied = augment(np.random.default_rng(0), example, RATE)
    assert np.array_equal(varied.stems[[0, 2]], example.stems[[0, 2]])
    assert np.array_equal(varied.stems[1], -example.stems[1])


def test_the_page_names_every_piece_and_key_with_its_default():
    page = (Path(__file__).resolve().parents[3] / "docs" / "augmentation.md").read_text("utf-8")
    rows = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
    assert rows.keys() == KINDS.keys()
    for kind, piece in KINDS.items():
        for each in fields(piece):
            if each.name in ("chance", "only"):
                continue
            default = each.default if not isinstance(each.default, tuple) else '["mp3", "vorbis"]'
            shown = f"{default:g}" if isinstance(default, (int, float)) else default
            assert f"`{each.name}` {shown}" in rows[kind], (kind, each.name)
