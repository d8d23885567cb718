"""What a variant came to: one JSON file each, DIR/results/<variant>.json.

{"format": "streamsep-ablation", "version": 1, "name": "no-metal", "what": ..., "curves": [],
 "recipe": {the whole of it}, "songs": 150, "weights": 563128,
 "seeds": {"1": {"step": 400, "loss_db": {"made": -9.1, "recorded": -8.4},
                 "share_closed": {"made": 0.31, "recorded": 0.2}}}}      the last if it was asked for
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamsep.errors import CheckpointError
from streamsep_offline.training.whole_file import whole_file

LOSS, SHARE = "loss_db", "share_closed"
"""Scores by list: mean loss in dB (lower is better); share of the way to the ideal mask, 0 to 1."""

_FORMAT = {"format": "streamsep-ablation", "version": 1}


@dataclass(frozen=True)
class Result:
    """Scores of a variant.

    Attributes:
        name: Of the variant.
        what: What was changed, for people.
        curves: Learning curves that it is a point of.
        recipe: Table of the recipe that was followed.
        songs: Made songs that it learned from.
        weights: Count of weights.
        seeds: By seed: the `step` of the best weights, and scores by list under `LOSS` and `SHARE`.
    """

    name: str
    what: str
    curves: tuple[str, ...]
    recipe: dict[str, Any]
    songs: int
    weights: int
    seeds: dict[str, dict[str, Any]]

    def scores(self, kind: str, music: str) -> list[float]:
        """Of all seeds that have this score.

        Args:
            kind: `LOSS` or `SHARE`.
            music: "made" or "recorded".
        """
        found = (seed.get(kind, {}).get(music) for seed in self.seeds.values())
        return [score for score in found if score is not None]


def result_path(folder: Path, name: str) -> Path:
    """Where a variant's result lies."""
    return folder / "results" / f"{name}.json"


def write_result(folder: Path, result: Result) -> None:
    """Write it whole or not at all."""
    with whole_file(result_path(folder, result.name), encoding="utf-8") as file:
        file.write(json.dumps({**_FORMAT, **dataclasses.asdict(result)}, indent=1) + "\n")


def read_result(folder: Path, name: str) -> Result | None:
    """A variant's result; None where there is none yet.

    Raises:
        CheckpointError: It is damaged.
    """
    path = result_path(folder, name)
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        if any(table.pop(key) != value for key, value in _FORMAT.items()):
            raise ValueError("another format")
        return Result(**{**table, "curves": tuple(table["curves"])})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{path} is damaged ({error!r}); delete it") from error
