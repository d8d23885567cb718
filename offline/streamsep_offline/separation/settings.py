"""What can be chosen about a separation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from streamsep.errors import ParameterError

DEFAULT_MODEL = "4stems-offline"
"""What separates files where no model is named: the best bundled one."""

WIENER_CONTEXTS = ("block", "song")
"""Stretch of music from which the filter learns where the targets sit between the channels."""

WIENER_FILTERS = ("streamsep", "norbert")
"""Filters: ours, or the Python package norbert."""


@dataclass(frozen=True)
class SeparationSettings:
    """Settings of a separation; the defaults suit the default model.

    Attributes:
        model: Name of a preset ("classic") or of an Open-Unmix set ("umxhq"), the path of a preset's JSON
            file, or a folder with a model of either kind. None is `DEFAULT_MODEL`.
        targets: Targets that come out; None is all that the model has. A spectrogram model estimates no
            others, which is faster; the rest of the music is then one target more for the filter alone.
        aggregate: Stems by name, each the sum of targets, that come out instead of the targets.
        residual: Name of a stem that holds the mixture minus all other stems.
        two_stems: Target that comes out beside one stem with all the rest, "no_" and its name.
        niter: Iterations of the multichannel Wiener filter, 0 to 10. 0 leaves the model's magnitudes with
            the mixture's phase, or a preset's stems as they are.
        softmask: Start the filter from the soft mask v / sum v instead of the magnitudes with the
            mixture's phase.
        wiener_context: One of `WIENER_CONTEXTS`. "song" hears the song twice.
        wiener_filter: One of `WIENER_FILTERS`.
        shifts: Separations, each of the song a little later, whose mean is taken; 0 is one, unshifted.
        seed: Of the shifts.
        device: "cpu", "cuda" or "mps" for spectrogram models; None takes CUDA if it is there. Presets
            run on the processor.
        block_s: Length of a block in seconds, at least 1; memory grows with it. None takes what suits the
            model: 20 s for a spectrogram model, which hears some seconds more on either side of each
            block, 10 s for a preset.

    Raises:
        ParameterError: A value is outside its range.
    """

    model: str | None = None
    targets: tuple[str, ...] | None = None
    aggregate: Mapping[str, tuple[str, ...]] | None = None
    residual: str | None = None
    two_stems: str | None = None
    niter: int = 1
    softmask: bool = False
    wiener_context: str = "block"
    wiener_filter: str = "streamsep"
    shifts: int = 0
    seed: int = 0
    device: str | None = None
    block_s: float | None = None

    def __post_init__(self) -> None:
        _check_choice("wiener_context", self.wiener_context, WIENER_CONTEXTS)
        _check_choice("wiener_filter", self.wiener_filter, WIENER_FILTERS)
        _check_count("niter", self.niter, 10)
        _check_count("shifts", self.shifts, 100)
        if self.wiener_context == "song" and self.wiener_filter == "norbert":
            raise ParameterError(
                "the filter 'norbert' learns from what it filters; use wiener_context='block', or "
                "wiener_filter='streamsep'"
            )

    @property
    def chosen_model(self) -> str:
        """The model that is named, or the one that is taken where none is."""
        return DEFAULT_MODEL if self.model is None else self.model


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ParameterError(f"{name}='{value}' is unknown; choose one of: {', '.join(choices)}")


def _check_count(name: str, value: int, most: int) -> None:
    if not isinstance(value, int) or not 0 <= value <= most:
        raise ParameterError(f"{name}={value!r} must be a whole number, 0 to {most}")
