"""Losses from a recipe's `[loss]` table: one, or a weighted sum.

make_loss({"kind": "magnitude_mse"})
make_loss({"sum": [{"kind": "complex_l1", "weight": 1.0}, {"kind": "si_sdr", "weight": 0.01}]})
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from streamsep.errors import ParameterError
from streamsep_offline.losses.divergences import Cauchy, ItakuraSaito, KullbackLeibler
from streamsep_offline.losses.heard import Heard
from streamsep_offline.losses.level_aligned import LevelAligned
from streamsep_offline.losses.loss import Loss
from streamsep_offline.losses.magnitude import MagnitudeL1, MagnitudeMse
from streamsep_offline.losses.multi_resolution import MultiResolution
from streamsep_offline.losses.ratios import Sdr, SiSdr
from streamsep_offline.losses.spectra import ComplexL1, ComplexL2
from streamsep_offline.losses.waveform import WaveformL1, WaveformL2
from streamsep_offline.tables import check_known, read_table

KINDS: Mapping[str, type[Any]] = {
    "magnitude_mse": MagnitudeMse,
    "magnitude_l1": MagnitudeL1,
    "kl": KullbackLeibler,
    "itakura_saito": ItakuraSaito,
    "cauchy": Cauchy,
    "complex_l1": ComplexL1,
    "complex_l2": ComplexL2,
    "waveform_l1": WaveformL1,
    "waveform_l2": WaveformL2,
    "multi_resolution": MultiResolution,
    "sdr": Sdr,
    "si_sdr": SiSdr,
    "level_aligned": LevelAligned,
}
"""Name in a recipe -> loss."""


@dataclass(frozen=True)
class WeightedSum:
    """Several losses of the same estimates.

    Attributes:
        terms: Weight and loss of each.
    """

    terms: tuple[tuple[float, Loss], ...]

    def __call__(self, heard: Heard) -> torch.Tensor:
        """See `Loss`."""
        return torch.stack([weight * loss(heard) for weight, loss in self.terms]).sum()


def make_loss(table: Mapping[str, Any]) -> Loss:
    """The loss of a table: `kind` and its keys, or `sum`, a list of such tables with a `weight` each.

    Raises:
        ParameterError: A kind or key is unknown, or a value is out of range.
    """
    if "sum" in table:
        if set(table) != {"sum"} or not isinstance(table["sum"], Sequence) or not table["sum"]:
            raise ParameterError(
                "loss: 'sum' is a list of at least one table, and stands alone; "
                'write sum = [{kind = "complex_l1", weight = 1.0}]'
            )
        return WeightedSum(tuple((_weight(term), _single(term, "weight")) for term in table["sum"]))
    return _single(table)


def _single(table: Mapping[str, Any], *beside: str) -> Loss:
    kind = str(table.get("kind", ""))
    check_known(kind, KINDS, "loss: kind")
    values = {key: value for key, value in table.items() if key not in ("kind", *beside)}
    return read_table(KINDS[kind], values, f"loss '{kind}'")


def _weight(table: Mapping[str, Any]) -> float:
    weight = table.get("weight", 1.0)
    if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0.0 < weight < 1e9:
        raise ParameterError(f"loss: weight={weight!r} must be a number above 0")
    return float(weight)
