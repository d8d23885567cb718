"""Recipes: everything that decides a trained model, in one TOML file."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamsep.errors import ParameterError
from streamsep_offline.training.examples import Varying
from streamsep_offline.training.trainer import Stage, TrainingSettings

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@dataclass(frozen=True)
class Lists:
    """Songs of one of the three disjoint lists.

    Attributes:
        made: Count of made songs.
        folders: Recorded songs, folders below the samples.
        excerpts_s: Start and length in seconds of the excerpts that are scored of recorded songs.
    """

    made: int
    folders: tuple[str, ...] = ()
    excerpts_s: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Recipe:
    """What `python -m streamsep_offline.training` follows.

    Attributes:
        name: Of the model.
        profile: Name of the window pair.
        songs_seed: Of the made songs.
        shard_size: Examples per shard.
        shards: Shards of made songs.
        recorded_shards: Shards of recorded songs.
        recorded_share: Chance that an example comes from these.
        select_size: Examples per source that decide which weights are kept.
        varying: How much examples vary.
        training: Of the cue model.
        baseline_steps: Of the generic causal Open-Unmix; 0 trains none.
        baseline_hidden: Its hidden size.
        baseline_rate: Its learning rate.
        train: Songs to learn from.
        select: Songs for choices.
        report: Songs for finalists; every look is logged.
    """

    name: str
    profile: str
    songs_seed: int
    shard_size: int
    shards: int
    recorded_shards: int
    recorded_share: float
    select_size: int
    varying: Varying
    training: TrainingSettings
    baseline_steps: int
    baseline_hidden: int
    baseline_rate: float
    train: Lists
    select: Lists
    report: Lists


def read_recipe(path: Path) -> Recipe:
    """A recipe from its file.

    Raises:
        ParameterError: The file is unreadable, or a setting is missing, unknown or of the wrong kind.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        training = dict(data.pop("training"))
        stages = tuple(Stage(**stage) for stage in training.pop("stages"))
        training["local"] = tuple(training["local"])
        lists = {name: _lists(data.pop(name)) for name in ("train", "select", "report")}
        return Recipe(
            **data.pop("model"),
            **data.pop("examples"),
            varying=Varying(**data.pop("varying", {})),
            training=TrainingSettings(**training, stages=stages),
            **data.pop("baseline"),
            **lists,
            **data,
        )
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ParameterError(
            f"recipe {path} does not fit ({error}); compare it with offline/recipes/4stems-stage.toml"
        ) from error


def _lists(table: dict[str, Any]) -> Lists:
    excerpts = tuple((float(start), float(length)) for start, length in table.get("excerpts_s", ()))
    return Lists(table["made"], tuple(table.get("folders", ())), excerpts)
