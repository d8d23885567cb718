"""Recipes: everything that decides a trained model, in one TOML file.

name = "my-model"                     of the model folder's card
description = "one line"
[model]                               kind = "cue_lstm", "cue_bilstm" or "open_unmix"; see training/tasks
[data]                                see data/settings.py
[[augment]]                           kind = "gain", ...; see augment/
[loss]                                kind = "magnitude_mse", ...; see losses/ (Open-Unmix only)
[examples]                            cue models only; see training/cues/prepare.py
[songs]                               made and recorded songs by lists, instead of songs of one's own
[training], [[training.stages]]       see training/settings.py
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from streamsep.errors import ParameterError
from streamsep.spec import StreamSpec, find_profile
from streamsep_offline.augment.chain import make_augment
from streamsep_offline.augment.piece import HeardOnly
from streamsep_offline.data.settings import DataSettings
from streamsep_offline.losses.make import make_loss
from streamsep_offline.tables import packaged_files, read_table, read_toml, suggest
from streamsep_offline.training.cues.prepare import ExampleSettings
from streamsep_offline.training.lists import SongLists
from streamsep_offline.training.settings import Training
from streamsep_offline.training.tasks.cue_lstm import CueDesign
from streamsep_offline.training.tasks.open_unmix import OpenUnmixDesign

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_DESIGNS = {"cue_lstm": CueDesign, "cue_bilstm": CueDesign, "open_unmix": OpenUnmixDesign}


@dataclasses.dataclass(frozen=True)
class Recipe:
    """What `streamsep train` follows; see the module's docstring.

    Attributes:
        name: Of the model.
        description: One line for people.
        model: Sizes of the network.
        data: What is read, and how it is cut and put together.
        augment: Tables of the pieces that vary examples.
        loss: Table of the loss.
        examples: How many examples a cue model's are.
        songs: Lists of made and recorded songs; None takes the user's own songs.
        training: Steps, rates, checks.
        table: The whole file as read, with what was set on the command line.
    """

    name: str
    description: str
    model: CueDesign | OpenUnmixDesign
    data: DataSettings
    augment: tuple[dict[str, Any], ...]
    loss: dict[str, Any]
    examples: ExampleSettings
    songs: SongLists | None
    training: Training
    table: dict[str, Any]

    def spec(self, stems: tuple[str, ...]) -> StreamSpec:
        """Windows, rate, channels and stems of its model.

        Args:
            stems: Of the model; those of the data, where the recipe does not say.
        """
        profile = find_profile(self.model.profile)
        return StreamSpec(profile, self.data.sample_rate, self.data.channels, stems)


def recipe_files() -> dict[str, Path]:
    """Recipes that come with the package, by name."""
    return packaged_files("recipes")


def read_recipe(name: str, changes: Sequence[str] = ()) -> Recipe:
    """A recipe by name or path.

    Args:
        name: "umx-causal", or the path of a TOML file.
        changes: "training.batch=4", values as TOML writes them (texts may do without quotes).

    Raises:
        ParameterError: There is no such recipe, or something in it does not fit.
    """
    files = recipe_files()
    path = files.get(name, Path(name))
    if name not in files and path.suffix != ".toml":
        raise ParameterError(
            f"recipe '{name}' is unknown; {suggest(name, files)}; or name a .toml file"
        )
    table = read_toml(path, "recipe")
    for change in changes:
        _apply(table, change)
    return make_recipe(table)


def make_recipe(table: Mapping[str, Any]) -> Recipe:
    """A recipe from its table.

    Raises:
        ParameterError: A key is unknown, missing or out of range, or profile, loss or variation is.
    """
    known = {field.name for field in dataclasses.fields(Recipe)} - {"table"}
    for key in table:
        if key not in known:
            raise ParameterError(f"the recipe has no key '{key}'; {suggest(key, sorted(known))}")
    for key in ("name", "model", "training"):
        if key not in table:
            raise ParameterError(
                f"the recipe lacks '{key}'; compare it with one that comes with it"
            )
    kind = table["model"].get("kind") if isinstance(table["model"], Mapping) else None
    if kind not in _DESIGNS:
        raise ParameterError(f"model.kind is {kind!r}; {suggest(str(kind), _DESIGNS)}")
    songs, augment, loss = table.get("songs"), table.get("augment", ()), table.get("loss", {})
    if not isinstance(augment, list | tuple) or not all(isinstance(a, Mapping) for a in augment):
        raise ParameterError(f"augment is {augment!r}, expected tables; write [[augment]] for each")
    if not isinstance(loss, Mapping):
        raise ParameterError(f"loss is {loss!r}, expected a table; write loss.kind = ... or [loss]")
    recipe = Recipe(
        name=str(table["name"]),
        description=str(table.get("description", "")),
        model=read_table(_DESIGNS[kind], table["model"], "model"),
        data=read_table(DataSettings, table.get("data", {}), "data"),
        augment=tuple(dict(one) for one in augment),
        loss=dict(loss),
        examples=read_table(ExampleSettings, table.get("examples", {}), "examples"),
        songs=None if songs is None else read_table(SongLists, songs, "songs"),
        training=read_table(Training, table["training"], "training"),
        table=dict(table),
    )
    find_profile(recipe.model.profile)
    chain = make_augment(recipe.augment, recipe.data.targets)
    heard = [piece.kind for piece in chain.pieces if isinstance(piece, HeardOnly)]
    if isinstance(recipe.model, CueDesign) and heard:
        raise ParameterError(
            f"augment '{heard[0]}' changes what is heard only, but examples of a cue model are the sum of "
            "their stems; remove it"
        )
    if kind == "open_unmix":
        make_loss(recipe.loss)
    elif recipe.loss:
        raise ParameterError("a cue model brings its own loss; remove [loss]")
    return recipe


def _apply(table: dict[str, Any], change: str) -> None:
    """Set a key of a nested table; "training.stages.0.steps=10" reaches into lists."""
    path, has_value, text = change.partition("=")
    if not has_value or not path.strip():
        raise ParameterError(f"--set {change}: expected key=value, as in training.batch=4")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except ValueError:
        value = text.strip()
    *way, last = path.strip().split(".")
    place: Any = table
    try:
        for key in way:
            place = place[int(key)] if isinstance(place, list) else place.setdefault(key, {})
        if isinstance(place, list):
            place[int(last)] = value
        else:
            place[last] = value
    except (IndexError, ValueError, TypeError, AttributeError):
        raise ParameterError(f"--set {path}: there is nothing of that name") from None
