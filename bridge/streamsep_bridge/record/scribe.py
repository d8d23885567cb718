"""`Scribe`: carries frames from desks into a take, in time.

Frames of one desk follow each other. Between two desks (the audio process was started anew) the clock tells
how much is missing: silence is written while no frames come, up to a little before now, and the rest of
it when the first frames of the next desk are there. That is as exact as the scribe looks often.
"""

from __future__ import annotations

from streamsep.engine.live.desk import Desk
from streamsep_bridge.record.ring import RingReader
from streamsep_bridge.record.take import Take

MARGIN_S = 0.5
"""Silence stays so far behind the clock: the frames that end it may be older than they are seen."""


class Scribe:
    """Writes one take; see the module's docstring.

    Args:
        take: Its files.
        sample_rate: Of the desks, in Hz.

    Attributes:
        n_lost: Frames that did not fit into a ring; there is silence instead.
        n_silent: Frames of silence between desks.

    Thread: one. Allocates: yes.
    """

    def __init__(self, take: Take, sample_rate: int) -> None:
        self.n_lost = self.n_silent = 0
        self._take, self._rate = take, sample_rate
        self._desk: Desk | None = None
        self._reader: RingReader | None = None
        # When the last frames came, and how long the files are with them.
        self._seen: tuple[float, int] | None = None
        self._is_waiting = True

    def step(self, desk: Desk | None, stem_sets: dict[int, tuple[str, ...]], now: float) -> bool:
        """Write a piece of what is there.

        Args:
            desk: To read from; None where there is none.
            stem_sets: Names of the stems by their count.
            now: Seconds of a steady clock.

        Returns:
            Whether there is more.

        Raises:
            AudioFileError: It could not be written.
        """
        if desk is not self._desk:
            self._leave(stem_sets, now)
            if desk is not None:
                self._desk, self._reader = desk, RingReader(desk)
        is_more = self._write_piece(stem_sets, now)
        if self._is_waiting:
            self._fill(now - MARGIN_S)
        return is_more

    def rest(self, stem_sets: dict[int, tuple[str, ...]], now: float) -> None:
        """Write all that is left; time stands still until the next step.

        Raises:
            AudioFileError: It could not be written.
        """
        self._leave(stem_sets, now)
        self._seen = None

    def give_up(self) -> None:
        """Ask the desk for no more frames."""
        if self._reader is not None:
            self._reader.close()
        self._desk = self._reader = None

    def _leave(self, stem_sets: dict[int, tuple[str, ...]], now: float) -> None:
        if self._reader is not None:
            self._reader.close()
            while self._write_piece(stem_sets, now):
                pass
        self._desk = self._reader = None
        if self._is_waiting:
            self._fill(now)
        self._is_waiting = True

    def _write_piece(self, stem_sets: dict[int, tuple[str, ...]], now: float) -> bool:
        """Write the next piece; whether there is more."""
        if self._reader is None or not (n_waiting := self._reader.count_waiting()):
            return False
        if self._is_waiting:
            self._fill(now - n_waiting / self._rate)
            self._is_waiting = False
        end = self._take.n_frames + n_waiting
        if self._seen is None or end > self._seen[1]:  # else they have been seen: the disk is slow
            self._seen = now, end
        piece = self._reader.take()
        assert piece is not None
        if piece.n_lost:
            self.n_lost += piece.n_lost
            self._take.add_silence(piece.n_lost)
        if len(piece.frames):
            stems = stem_sets.get(piece.n_stems, ())
            self._take.add_files(stems)
            self._take.write(stems, piece.frames)
        return n_waiting > piece.n_lost + len(piece.frames)

    def _fill(self, until: float) -> None:
        """Silence up to a time, where the take has begun."""
        if self._seen is None:
            return
        then, n_frames = self._seen
        n = round(n_frames + (until - then) * self._rate) - self._take.n_frames
        if n > 0:
            self._take.add_silence(n)
            self.n_silent += n
