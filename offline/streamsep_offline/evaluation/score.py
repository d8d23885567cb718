"""All figures of one song: references and estimates in, figures out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from streamsep.errors import ShapeError
from streamsep.scores import ideal_ratio_stems, sdr_db
from streamsep_offline.evaluation.bsseval import NAMES, bsseval
from streamsep_offline.evaluation.leakage import leakage_db
from streamsep_offline.evaluation.matching import match
from streamsep_offline.evaluation.results import StemResult
from streamsep_offline.evaluation.si_sdr import si_sdr_db


class SongAudio(NamedTuple):
    """What is known of a song.

    Attributes:
        name: Of the song.
        stems: Names of the references.
        references: True stems. float32 [stems, channels, n]
        sample_rate: In Hz.
        start_s: Where in the song this begins.
        own_mixture: The song's mixture where that is a file of its own, [channels, n]; None where it
            is the sum of the references.
    """

    name: str
    stems: tuple[str, ...]
    references: np.ndarray
    sample_rate: int
    start_s: float = 0.0
    own_mixture: np.ndarray | None = None

    @property
    def mixture(self) -> np.ndarray:
        """What a model hears. float32 [channels, n]"""
        return self.references.sum(axis=0) if self.own_mixture is None else self.own_mixture


def score_stems(
    song: SongAudio, model_stems: Sequence[str], estimates: np.ndarray, metrics: Sequence[str]
) -> tuple[StemResult, ...]:
    """Score every stem that song and model have in common.

    Args:
        song: Its references.
        model_stems: Names of the estimates.
        estimates: Aligned with the song. [stems, channels, n]
        metrics: Of `figures.METRICS`.

    Raises:
        ShapeError: The estimates are not as long as the song or have other channels.
        ParameterError: Song and model have no stem in common.
        MissingExtraError: BSSEval is asked for and museval is not installed.
    """
    if estimates.shape[1:] != song.references.shape[1:] or len(estimates) != len(model_stems):
        raise ShapeError(
            f"{len(model_stems)} estimates of shape {estimates.shape} do not fit references of shape "
            f"{song.references.shape}; pass [stems, channels, samples] aligned with the song"
        )
    matched = match(song.stems, song.references, model_stems, estimates)
    mixture, rate, n_scored = song.mixture, song.sample_rate, len(matched.estimates)
    ideal = frames = None
    if "share" in metrics:
        ideal = ideal_ratio_stems(matched.references)
    if "bsseval" in metrics:
        # Scores of a stem depend on no other estimate: references stand in for those that are missing.
        complete = np.concatenate([matched.estimates, matched.references[n_scored:]])
        frames = bsseval(matched.references, complete, rate)
    results = []
    for j, estimate in enumerate(matched.estimates):
        reference = matched.references[j]
        figures = {"sdr_db": sdr_db(reference, estimate, rate)}
        if ideal is not None:
            nothing = mixture / len(matched.references)
            figures["nothing_db"] = sdr_db(reference, nothing, rate)
            figures["ideal_db"] = sdr_db(reference, ideal[j], rate)
        if "si-sdr" in metrics:
            figures["si_sdr_db"] = si_sdr_db(reference, estimate)
        if "leakage" in metrics:
            figures["leakage_db"] = leakage_db(reference, estimate, mixture, rate)
        by_second = {}
        if frames is not None:
            for name, values in zip(NAMES, frames[:, j], strict=True):
                by_second[name] = tuple(float(x) for x in values)
                figures[f"bss_{name.lower()}_db"] = _median(values)
        results.append(StemResult(matched.names[j], figures, by_second))
    return tuple(results)


def _median(values: np.ndarray) -> float:
    defined = values[~np.isnan(values)]
    return float(np.median(defined)) if len(defined) else math.nan
