"""How a model behaves on input that is not a usual mix.

- `alone`: a stem alone is the input: SDR of its estimate.
- `without`: the sum of the other stems is the input: level of the estimate of the stem that is missing,
  10 log10(sum |estimate|^2 / sum |input|^2) over seconds in which the input sounds.
- `mono`: stems and mixture averaged to both channels: share closed minus that of the song as it is, in
  points, each on its own scale: the ideal mask of the mono song works on mono references.
- `level`: the mixture scaled to peaks of `LEVELS_DBFS`: what comes out, scaled back, against what comes out
  of the mixture as it is, over seconds in which the latter sounds: difference of level in dB, and SDR.
- `rate`: SDR at 48 kHz minus SDR at 44.1 kHz. The mixture is resampled by soxr, the estimates are resampled
  back and compared with the untouched references: both figures are of the same seconds and samples, and
  what resampling loses counts against the model, never for it.

Stems are those that song and model have in common (`matching`); a song that lacks one, such as an
instrumental without vocals, is itself the input of `without` for that stem. As for SDR, `MIN_WINDOWS`
seconds have to sound. Of the song as it is, `score` gives all figures.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import soxr

from streamsep.errors import ParameterError
from streamsep.scores import MIN_WINDOWS, SOUNDING_POWER, sdr_db
from streamsep_offline.evaluation.figures import LIMIT_DB, Figure
from streamsep_offline.evaluation.leakage import window_power
from streamsep_offline.evaluation.matching import absent, match
from streamsep_offline.evaluation.method import Estimate
from streamsep_offline.evaluation.score import SongAudio, score_stems

CHECKS = ("alone", "without", "mono", "level", "rate")

LEVELS_DBFS = (-50.0, -30.0, 0.0)
"""Peaks of the mixture, its largest |sample|, at which `level` hears it."""

RATES_HZ = (44100, 48000)
"""Rates that `rate` compares; the second is meant to be no worse."""

CHECK_FIGURES = {
    figure.key: figure
    for figure in (
        Figure("alone_sdr_db", "alone: SDR", "alone"),
        Figure("without_db", "without: level", "without", is_higher_better=False),
        Figure("mono_points", "mono: points", "mono"),
        Figure("level_db", "level: deviation", "level", "max", is_higher_better=False),
        Figure("level_sdr_db", "level: SDR", "level", "min"),
        Figure("rate_db", "48 kHz: SDR", "rate"),
    )
}
"""What checks find, by key, in the order of tables."""

Hear = Callable[[np.ndarray, int], np.ndarray]
"""From an input [channels, n] and its rate in Hz to estimates [stems, channels, n], aligned with it."""

Figures = dict[str, float]
"""Of one stem, by key; NaN where one is not defined."""


def parse_checks(text: str | None) -> tuple[str, ...]:
    """Checks from "alone,level", in the order of `CHECKS`; "all" is all of them, None is none.

    Raises:
        ParameterError: One is unknown, or none is named.
    """
    if text is None:
        return ()
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names or [text]:
        if name not in (*CHECKS, "all"):
            raise ParameterError(
                f"check '{name}' is unknown; choose of: {', '.join(CHECKS)}, or all, and write MODEL "
                "before --checks"
            )
    return CHECKS if "all" in names else tuple(check for check in CHECKS if check in names)


def check_song(
    song: SongAudio,
    estimate: Estimate,
    model_stems: Sequence[str],
    estimates: np.ndarray,
    checks: Sequence[str],
) -> dict[str, Figures]:
    """All figures of one song.

    Args:
        song: Its references.
        estimate: Separates; hears nothing but the mixture of what it is given.
        model_stems: Names of the estimates.
        estimates: What it made of the song as it is. [stems, channels, n]
        checks: Of `CHECKS`.

    Returns:
        Figures by name of the stem.

    Raises:
        StreamsepError: As `estimate` does, or song and model have no stem in common.
    """
    matched = match(song.stems, song.references, model_stems, estimates)
    lacking = absent(song.stems, model_stems)
    song = song._replace(
        stems=matched.names, references=matched.references, own_mixture=song.mixture
    )
    silence = np.zeros((len(matched.names), 1, 1), np.float32)

    def hear(mixture: np.ndarray, sample_rate: int) -> np.ndarray:
        names, stems = estimate(song._replace(own_mixture=mixture, sample_rate=sample_rate))
        return match(song.stems, silence, names, stems).estimates

    run = {
        "alone": lambda: alone(song, matched.estimates, hear),
        "without": lambda: without(song, matched.estimates, hear),
        "mono": lambda: mono(song, matched.estimates, hear),
        "level": lambda: level(song, matched.estimates, hear),
        "rate": lambda: rate(song, matched.estimates, hear),
    }
    found: dict[str, Figures] = {name: {} for name in song.stems[: len(matched.estimates)]}
    for check in checks:
        for figures, more in zip(found.values(), run[check](), strict=True):
            figures.update(more)
    if "without" in checks:
        for k in lacking:
            level_db = _level_db(estimates[k], song.mixture, song.sample_rate)
            found[model_stems[k]] = {"without_db": level_db}
    return found


def alone(song: SongAudio, estimates: np.ndarray, hear: Hear) -> list[Figures]:
    """Each stem alone.

    Args:
        song: Its references; those that are estimated come first.
        estimates: Of the song as it is. [stems, channels, n]
        hear: The model.
    """
    of = song.sample_rate
    inputs = song.references[: len(estimates)]
    return [{"alone_sdr_db": sdr_db(x, hear(x, of)[j], of)} for j, x in enumerate(inputs)]


def without(song: SongAudio, estimates: np.ndarray, hear: Hear) -> list[Figures]:
    """Each stem left out; see `alone`."""
    of = song.sample_rate
    inputs = [np.delete(song.references, j, axis=0).sum(axis=0) for j in range(len(estimates))]
    return [{"without_db": _level_db(hear(x, of)[j], x, of)} for j, x in enumerate(inputs)]


def mono(song: SongAudio, estimates: np.ndarray, hear: Hear) -> list[Figures]:
    """The song in the middle; see `alone`."""
    names = song.stems[: len(estimates)]
    middle = song._replace(references=_middle(song.references), own_mixture=_middle(song.mixture))
    heard = hear(middle.mixture, song.sample_rate)
    wide = score_stems(song, names, estimates, ("share",))
    narrow = score_stems(middle, names, heard, ("share",))
    return [
        {
            **{f"stereo_{key}": value for key, value in a.figures.items()},
            **{f"mono_{key}": value for key, value in b.figures.items()},
            "mono_points": 100.0 * (b.share_closed - a.share_closed),
        }
        for a, b in zip(wide, narrow, strict=True)
    ]


def level(song: SongAudio, estimates: np.ndarray, hear: Hear) -> list[Figures]:
    """The song at other levels: the largest deviation, the lowest SDR; see `alone`."""
    peak = float(np.abs(song.mixture).max())
    if peak == 0.0:
        return [{"level_db": math.nan, "level_sdr_db": math.nan} for _ in estimates]
    expected = [window_power(x, song.sample_rate) for x in estimates]
    found = [{"level_db": 0.0, "level_sdr_db": LIMIT_DB} for _ in estimates]
    for level_dbfs in LEVELS_DBFS:
        gain = 10.0 ** (level_dbfs / 20.0) / peak
        scaled = hear((gain * song.mixture).astype(np.float32), song.sample_rate)
        for j, figures in enumerate(found):
            back = scaled[j].astype(np.float64) / gain
            power = window_power(back, song.sample_rate)
            error = window_power(back - estimates[j], song.sample_rate)
            sounding = expected[j] > SOUNDING_POWER
            deviation = abs(_ratio_db(power, expected[j], sounding))
            sdr = _ratio_db(expected[j], error, sounding)
            # The new figure first: a NaN must stay.
            figures["level_db"] = max(deviation, figures["level_db"])
            figures["level_sdr_db"] = min(sdr, figures["level_sdr_db"])
    return found


def rate(song: SongAudio, estimates: np.ndarray, hear: Hear) -> list[Figures]:
    """The song at both rates; see `alone`."""
    n, of = song.references.shape[-1], song.sample_rate
    found: list[Figures] = [{} for _ in estimates]
    for rate_hz in RATES_HZ:
        heard = estimates
        if rate_hz != of:
            made = hear(_resample(song.mixture, of, rate_hz), rate_hz)
            back = np.stack([_resample(x, rate_hz, of) for x in made])[..., :n]
            heard = np.pad(back, [(0, 0), (0, 0), (0, n - back.shape[-1])])
        for j, figures in enumerate(found):
            figures[f"rate_{rate_hz}_sdr_db"] = sdr_db(song.references[j], heard[j], of)
    for figures in found:
        low, high = (figures[f"rate_{rate_hz}_sdr_db"] for rate_hz in RATES_HZ)
        figures["rate_db"] = high - low
    return found


def _middle(x: np.ndarray) -> np.ndarray:
    """The mean of the channels on every channel."""
    return np.broadcast_to(x.mean(axis=-2, keepdims=True), x.shape).astype(np.float32)


def _resample(x: np.ndarray, rate: int, new_rate: int) -> np.ndarray:
    """[channels, n] at another rate."""
    return np.ascontiguousarray(soxr.resample(x.T, rate, new_rate, "VHQ").T)


def _level_db(estimate: np.ndarray, heard: np.ndarray, rate: int) -> float:
    """Energy of an estimate over that of the input, in seconds in which the input sounds."""
    power = window_power(heard, rate)
    return _ratio_db(window_power(estimate, rate), power, power > SOUNDING_POWER)


def _ratio_db(power: np.ndarray, of: np.ndarray, counted: np.ndarray) -> float:
    """Energies of the windows that count, in dB; NaN where these are too few."""
    if np.count_nonzero(counted) < MIN_WINDOWS:
        return math.nan
    a, b = float(power[counted].sum()), float(of[counted].sum())
    if a == b:
        return 0.0
    if a == 0.0 or b == 0.0:
        return -LIMIT_DB if a == 0.0 else LIMIT_DB
    return max(-LIMIT_DB, min(LIMIT_DB, 10.0 * math.log10(a / b)))
