"""From stems to a record: strips, sends, automation, bus, master.

Every stem gets its own equaliser and dynamics; what the stems share (bus compression, saturation,
limiter, tape, fades, the narrowing to mono) is linear or one gain for all of them. So the stems sum
to the mixture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from streamsep_offline.maker.breaks import choked
from streamsep_offline.maker.mixing import bus
from streamsep_offline.maker.mixing.eras import ERAS, choose_era
from streamsep_offline.maker.mixing.levels import TARGETS, random_levels_db
from streamsep_offline.maker.mixing.loudness import loudness_lufs
from streamsep_offline.maker.mixing.rides import fades, pump, section_rides, stepping_back
from streamsep_offline.maker.mixing.sends import make_sends
from streamsep_offline.maker.mixing.stereo import choose_width, placed
from streamsep_offline.maker.mixing.strips import process
from streamsep_offline.maker.plan import Plan

STEMS = ("vocals", "drums", "bass", "piano", "other")
"""Order of the stems axis of a mix of five stems."""

_STRIPS = {"vocals": 0, "drums": 1, "bass": 2, "other": 3, "piano": 3}
"""Which of the four strips, in the order of `TARGETS`, each stem is on."""

_RELEASE_S = 0.1
"""Time constant, at least, with which reverberation and echoes of silent stems end in a break."""

_PEAK = 0.99
"""No stem of a mix is louder."""


@dataclass(frozen=True)
class Mix:
    """A mixed song.

    Attributes:
        stems: In the order of `STEMS`; their sum is the mixture, and nothing clips. [5, 2, samples]
        facts: What was done, a JSON value.
    """

    stems: np.ndarray
    facts: dict[str, Any]

    def targets(self, n_stems: int) -> np.ndarray:
        """Four stems in the order of `TARGETS`, piano within other; or all five of `STEMS`."""
        if n_stems == len(STEMS):
            return self.stems
        four = self.stems[[STEMS.index(stem) for stem in TARGETS]]
        four[TARGETS.index("other")] += self.stems[STEMS.index("piano")]
        return four


def mix(
    stems: dict[str, np.ndarray],
    plan: Plan,
    rng: np.random.Generator,
    kicks_s: Sequence[float] = (),
) -> Mix:
    """Mix a song.

    Args:
        stems: By name, those of `STEMS`, each [2, samples], any level; piano and other in proportion
            to each other. They are not modified.
        plan: Sections, tempo and genre.
        rng: Draws everything.
        kicks_s: When the kick drum sounds, for side chains.
    """
    style = plan.genre.style
    is_electronic = plan.genre.is_electronic
    width = choose_width(rng, is_electronic)
    era_name = "sixties" if width == "hard" else choose_era(rng, style)
    era = ERAS[era_name]
    levels_db, tone = random_levels_db(rng, style), bus.tone(era, rng)
    names = [stem for stem in STEMS if stem != "piano" or stems[stem].any()]
    rows = dict(stems)
    for strip, target in enumerate(TARGETS):
        on_strip = [stem for stem in names if _STRIPS[stem] == strip]
        processed = process(target, [stems[s] for s in on_strip], levels_db[strip], tone, rng)
        rows.update(zip(on_strip, processed, strict=True))
    sends = make_sends(rng, era.rooms, era.delay_chance, plan.beat_s)
    rides = section_rides(plan, rng, len(TARGETS))
    if rng.random() < 0.3:
        rides[TARGETS.index("other")] *= stepping_back(rows["vocals"], rng.uniform(0.5, 3.0))
    ducked = pump(rng, kicks_s, plan.n_samples, 0.35 if is_electronic else 0.04)
    if ducked is not None:
        rides[[k for k, target in enumerate(TARGETS) if target != "drums"]] *= ducked
    for stem in names:
        target = TARGETS[_STRIPS[stem]]
        rows[stem] = rows[stem] * rides[_STRIPS[stem]]
        wet = sends.wet(target, rows[stem])
        if wet is not None:
            # an echo must not answer into a break; it dies away as slowly as one is let go
            silences_s = plan.silences_s(target)
            slowly = [(start, end, max(release, _RELEASE_S)) for start, end, release in silences_s]
            rows[stem] += choked(wet, slowly)
    strips = tuple(_STRIPS[stem] for stem in names)
    audio = np.stack(placed([rows[stem] for stem in names], strips, width, rng))
    bus.glue(audio, era, rng, is_electronic)
    has_tape = bool(rng.random() < era.tape_chance)
    if has_tape:
        audio = bus.wow_and_flutter(audio, rng)
    audio *= fades(rng, audio.shape[-1], 0.04, era.fade_chance)
    if not np.isfinite(audio.sum()):  # one part that failed must not take the song with it
        audio = np.nan_to_num(audio, posinf=0.0, neginf=0.0)
    bus.master(audio, era, rng)
    shared = audio[np.array(strips) == TARGETS.index("other")].sum(axis=0)
    highest = max(float(np.abs(audio).max()), float(np.abs(shared).max()))
    if highest > _PEAK:  # stems that cancel each other in the mixture
        audio *= np.float32(_PEAK / highest)
    mixed = np.zeros((len(STEMS), *audio.shape[1:]), np.float32)
    mixed[[STEMS.index(stem) for stem in names]] = audio
    facts = {
        "era": era_name,
        "width": width,
        "tape": has_tape,
        "side_chain": ducked is not None,
        "reverberation": sends.room or "none",
        "loudness_lufs": round(loudness_lufs(audio.sum(axis=0)), 1),
        "levels_db": {k: round(float(v), 1) for k, v in zip(TARGETS, levels_db, strict=True)},
    }
    return Mix(mixed, facts)
