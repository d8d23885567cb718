"""Frames come out of the ring as they were played; what is missing is missing in its place."""

import numpy as np
import pytest

from signals import music
from streamsep.engine.live.memory import DROPPED, IS_RECORDING, MAX_TARGETS
from streamsep.engine.live.slot import CHUNK
from streamsep_bridge.record.ring import RingReader

MUSIC = music(1.0)[:, :43520]  # blocks of 128, 256, 340


def put_together(pieces, missing=0.0):
    """The mix as it lies in time, with a number where something is missing. [channels, n]"""
    parts = []
    for piece in pieces:
        parts.append(np.full((piece.n_lost, 2), missing, np.float32))
        parts.append(piece.frames[:, MAX_TARGETS + 1])
    return np.concatenate(parts).T


def all_pieces(reader):
    return list(iter(reader.take, None))


def test_every_source_is_where_it_belongs_and_absent_stems_are_marked(player):
    live = player(ring=65536)
    reader = RingReader(live.desk)
    played = live.play(MUSIC)
    assert reader.count_waiting() == MUSIC.shape[1]
    pieces = all_pieces(reader)
    frames = np.concatenate([piece.frames for piece in pieces]).transpose(1, 2, 0)
    expected = live.expected(MUSIC, played)
    for row, name in [(0, "input"), *enumerate(live.names, 1), (MAX_TARGETS + 1, "mix")]:
        assert np.array_equal(frames[row], expected[name]), name
    assert {piece.n_stems for piece in pieces} == {4}
    assert np.isnan(frames[5 : MAX_TARGETS + 1]).all()


def test_it_begins_with_the_frames_after_it_was_made_and_ends_with_close(player):
    live = player(ring=8192)
    live.desk.counts[IS_RECORDING] = 1
    live.play(MUSIC[:, :4096])  # somebody recorded before
    reader = RingReader(live.desk)
    played = live.play(MUSIC[:, :2048])
    reader.close()
    live.play(MUSIC[:, :2048])
    assert np.array_equal(put_together(all_pieces(reader)), played)


@pytest.mark.parametrize("ring", [1000, 1024, 3000])
def test_lost_frames_are_missing_in_their_place_to_the_sample(player, ring):
    live, pieces = player(block=128, ring=ring), []
    reader, rng = RingReader(live.desk), np.random.default_rng(0)

    def now_and_then(start):
        if rng.random() < 0.08:
            pieces.extend(all_pieces(reader))

    played = live.play(MUSIC, now_and_then)
    pieces += all_pieces(reader)
    together = put_together(pieces, missing=np.nan)
    assert together.shape == played.shape
    kept = ~np.isnan(together)
    assert np.count_nonzero(~kept[0]) == live.desk.counts[DROPPED] > 4000
    assert np.array_equal(together[kept], played[kept])


def test_where_pieces_differ_a_gap_is_off_by_less_than_a_chunk_and_what_follows_is_in_place(player):
    live, pieces = player(block=340, ring=3000), []  # pieces of 256 and 84
    reader, rng = RingReader(live.desk), np.random.default_rng(1)

    def now_and_then(start):
        if rng.random() < 0.05:
            pieces.extend(all_pieces(reader))

    played = live.play(MUSIC, now_and_then)
    pieces += all_pieces(reader)
    together = put_together(pieces, missing=np.nan)
    assert together.shape == played.shape
    at = 0
    for piece in pieces:
        if piece.n_lost and len(piece.frames):
            first = at + piece.n_lost
            assert np.array_equal(together[:, first], played[:, first])
        at += piece.n_lost + len(piece.frames)
    with np.errstate(invalid="ignore"):
        wrong = np.flatnonzero((together != played)[0] & ~np.isnan(together[0]))
    edges = np.flatnonzero(np.diff(np.isnan(together[0]).astype(int)) == 1)
    assert all(np.abs(edges - i).min() <= CHUNK for i in wrong)


def test_frames_of_another_stem_set_come_in_pieces_of_their_own(player):
    live, pieces = player(ring=6144), []  # it goes round before and after the change
    reader = RingReader(live.desk)
    coming = live.separator_of("classic-2stems")

    def change(start):
        if start % 2048 == 0:
            pieces.extend(all_pieces(reader))
        if start == 8192:
            index = live.engine.place(live.slot(coming), live.unity(2))
            live.desk.change_slot(index, 2048, fade=1024)

    live.play(MUSIC, change)
    pieces += all_pieces(reader)
    assert live.desk.counts[DROPPED] == 0
    counts = [piece.n_stems for piece in pieces for _ in range(len(piece.frames))]
    first = counts.index(2)
    assert set(counts[:first]) == {4}
    assert set(counts[first:]) == {2}
    assert 8192 + 3072 <= first <= 8192 + 3072 + 2 * CHUNK
    frames = np.concatenate([piece.frames for piece in pieces])
    assert np.abs(frames[first:, 1:3].sum(axis=1) - frames[first:, 0]).max() < 1e-6
    assert np.abs(frames[:first, 1:5].sum(axis=1) - frames[:first, 0]).max() < 1e-6
