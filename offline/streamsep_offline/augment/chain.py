"""Pieces in a row, from a recipe's `[[augment]]` tables.

augment = make_augment([{"kind": "gain", "low_db": -12, "high_db": 2}, {"kind": "swap"}])
varied = augment(np.random.default_rng((seed, epoch, index)), example, 44100)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from streamsep.errors import ParameterError
from streamsep_offline.augment.band import Band
from streamsep_offline.augment.clip import Clip
from streamsep_offline.augment.codec import Codec
from streamsep_offline.augment.compress import Compress
from streamsep_offline.augment.drop import Drop
from streamsep_offline.augment.equalise import Equalise
from streamsep_offline.augment.gain import Gain, GainLinear, GainNormal
from streamsep_offline.augment.level import Level
from streamsep_offline.augment.microphone import Microphone
from streamsep_offline.augment.noise import Noise
from streamsep_offline.augment.piece import HeardOnly, Piece
from streamsep_offline.augment.repitch import Repitch
from streamsep_offline.augment.reverb import Reverb, Room
from streamsep_offline.augment.rotate import Rotate
from streamsep_offline.augment.saturate import Saturate
from streamsep_offline.augment.shift import Shift
from streamsep_offline.augment.sign import Sign
from streamsep_offline.augment.solo import Solo
from streamsep_offline.augment.swap import Swap
from streamsep_offline.augment.width import Narrow, Width
from streamsep_offline.data.example import Example
from streamsep_offline.tables import check_known, read_table

KINDS: Mapping[str, type[Piece]] = {
    "gain": Gain,
    "gain_linear": GainLinear,
    "gain_normal": GainNormal,
    "swap": Swap,
    "rotate": Rotate,
    "width": Width,
    "sign": Sign,
    "shift": Shift,
    "drop": Drop,
    "solo": Solo,
    "equalise": Equalise,
    "saturate": Saturate,
    "reverb": Reverb,
    "repitch": Repitch,
    "narrow": Narrow,
    "compress": Compress,
    "band": Band,
    "room": Room,
    "microphone": Microphone,
    "level": Level,
    "noise": Noise,
    "clip": Clip,
    "codec": Codec,
}
"""Name in a recipe -> piece, in an order that makes sense: stems, mix, place, what is heard."""


@dataclass(frozen=True)
class Augment:
    """Pieces one after the other.

    Attributes:
        pieces: In the order in which they are applied.
    """

    pieces: tuple[Piece, ...] = ()

    def __call__(self, rng: np.random.Generator, example: Example, sample_rate: int) -> Example:
        """A varied example of the same shapes; see `Piece`."""
        for piece in self.pieces:
            example = piece(rng, example, sample_rate)
        return example


def make_augment(tables: Sequence[Mapping[str, Any]], stems: Sequence[str] = ()) -> Augment:
    """The chain of a recipe's tables, in their order.

    Args:
        tables: Each with a `kind`, one of `KINDS`, and keys of that piece.
        stems: Names of the targets, so that `only` may name them.

    Raises:
        ParameterError: A kind, key or stem is unknown, a value is out of range, or a piece follows
            one that changes what is heard only.
    """
    pieces: list[Piece] = []
    for table in tables:
        kind = str(table.get("kind", ""))
        check_known(kind, KINDS, "augment: kind")
        values = {key: value for key, value in table.items() if key != "kind"}
        if values.get("only") is not None:
            values["only"] = tuple(_index(stem, stems, kind) for stem in values["only"])
        piece = read_table(KINDS[kind], values, f"augment '{kind}'")
        if pieces and isinstance(pieces[-1], HeardOnly) and not isinstance(piece, HeardOnly):
            raise ParameterError(
                f"augment '{kind}' changes stems but follows '{pieces[-1].kind}', "
                "which changes what is heard only; put it before"
            )
        pieces.append(piece)
    return Augment(tuple(pieces))


def _index(stem: str | int, stems: Sequence[str], kind: str) -> int:
    if isinstance(stem, int):
        return stem
    if not stems:
        raise ParameterError(
            f"augment '{kind}': only = ['{stem}'] names a stem, but the targets have no names; "
            "name them in [data] targets, or write the stem's index"
        )
    check_known(stem, stems, f"augment '{kind}': stem")
    return list(stems).index(stem)
