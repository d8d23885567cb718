"""A plan: variants of a recipe that are to be compared, in a TOML file.

recipe = "4stems-stage"                  name, or a TOML file beside the plan
what = "one line for people"
seeds = [1, 2, 3]                        each trains every variant
set = ["model.n_hidden=256"]             changes for all variants, as of `streamsep train --set`

[[variants]]                             the first one is what the others are compared with
name = "base"
what = "everything"

[[variants]]
name = "no-metal"
what = "no metal"
set = ["songs.train.without=['style:metal']"]
curves = ["songs"]                       a point of the learning curve over "songs" or "weights"
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamsep.errors import ParameterError
from streamsep_offline.tables import check_known, read_table, read_toml
from streamsep_offline.training.recipe import Recipe, read_recipe
from streamsep_offline.training.tasks.cue_lstm import CueDesign

CURVES = ("songs", "weights")
"""What scores may be drawn over: count of made songs to learn from, count of weights."""

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")


@dataclass(frozen=True)
class Variant:
    """One of the variants.

    Attributes:
        name: Of its folder: lower-case letters, digits, points and hyphens.
        what: What is changed, for people.
        set: Changes of the recipe, after those for all.
        curves: Learning curves that it is a point of, of `CURVES`.
    """

    name: str
    what: str = ""
    set: tuple[str, ...] = ()
    curves: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ParameterError(
                f"variant '{self.name}' cannot name a folder; use lower-case letters, digits, points "
                "and hyphens"
            )
        for curve in self.curves:
            check_known(curve, CURVES, f"variant '{self.name}': curve")


@dataclass(frozen=True)
class Plan:
    """What is to be compared; see the module's text.

    Attributes:
        recipe: Name of a recipe, or path of a TOML file.
        variants: The first one is what the others are compared with.
        what: One line for people.
        seeds: Each trains every variant.
        set: Changes of the recipe for all variants.
    """

    recipe: str
    variants: tuple[Variant, ...]
    what: str = ""
    seeds: tuple[int, ...] = (1, 2, 3)
    set: tuple[str, ...] = ()

    def recipe_of(self, variant: Variant) -> Recipe:
        """What a variant follows.

        Raises:
            ParameterError: Something in it does not fit.
        """
        seeds = f"training.seeds={list(self.seeds)}"
        try:
            return read_recipe(self.recipe, [*self.set, *variant.set, seeds])
        except ParameterError as error:
            raise ParameterError(f"variant '{variant.name}': {error}") from error


def read_plan(path: Path) -> Plan:
    """A plan whose variants can be compared.

    Raises:
        ParameterError: It is no plan, a recipe does not fit, or variants cannot be compared.
    """
    table = read_toml(path, "plan")
    beside = path.parent / str(table.get("recipe"))
    plan = read_table(Plan, table | ({"recipe": str(beside)} if beside.is_file() else {}), "plan")
    names = [variant.name for variant in plan.variants]
    if not names or len(set(names)) < len(names):
        raise ParameterError(f"plan {path} has variants {names}; name at least one, each once")
    base = plan.recipe_of(plan.variants[0])
    for variant in plan.variants:
        _check_comparable(base, plan.recipe_of(variant), variant.name)
    return plan


def examples_key(recipe: Recipe) -> str:
    """The same for recipes that learn from the same stored examples: a name for their folder."""
    table: dict[str, Any] = recipe.table
    facts = {key: table.get(key) for key in ("songs", "data", "augment", "examples")}
    text = json.dumps([recipe.model.profile, facts], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def _check_comparable(base: Recipe, recipe: Recipe, name: str) -> None:
    """Refuse what cannot be scored on the examples of the first variant."""
    if not isinstance(recipe.model, CueDesign) or recipe.model.bidirectional:
        raise ParameterError(
            f"variant '{name}' is of kind '{recipe.model.kind}'; compare models of kind 'cue_lstm'"
        )
    if recipe.songs is None or base.songs is None:
        raise ParameterError(
            f"variant '{name}' has no lists of songs; a recipe to compare says what is in [songs.train] "
            "and [songs.select]"
        )
    facts = [
        {
            "model.profile": one.model.profile,
            "data.targets": one.data.targets,
            "data.sample_rate": one.data.sample_rate,
            "data.channels": one.data.channels,
            "songs.seed": one.songs.seed if one.songs else None,
            "songs.select": one.songs.select if one.songs else None,
        }
        for one in (base, recipe)
    ]
    differing = [key for key in facts[0] if facts[0][key] != facts[1][key]]
    if differing:
        raise ParameterError(
            f"variant '{name}' has another {differing[0]} than the first one, so their scores cannot be "
            "compared; make it a plan of its own"
        )
