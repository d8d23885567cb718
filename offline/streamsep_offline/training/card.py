"""The model card of a trained model: what it is, what it learned from, how, and how well."""

from __future__ import annotations

from typing import Any

import streamsep
from streamsep_offline.training.run import Run


def make_card(
    run: Run,
    seed: int,
    memory: dict[str, Any],
    licence: str = "unknown",
    scores: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Everything that the run knows of its model.

    Args:
        run: The run.
        seed: Whose weights these are.
        memory: Its checkpoint.
        licence: Of the weights; whoever trained them decides.
        scores: Of `streamsep evaluate --json`, or None.
    """
    recipe = run.recipe
    trained_on = f"songs in {run.data.name}"
    if recipe.songs is not None:
        songs = recipe.songs.train
        trained_on = f"{songs.made} made songs (seed {recipe.songs.seed})"
        if songs.without:
            trained_on += f" without {', '.join(songs.without)}"
        if songs.folders:
            share = round(100 * recipe.songs.recorded_share)
            trained_on += f"; for {share} % of the examples: {', '.join(songs.folders)}"
    card: dict[str, Any] = {
        "name": recipe.name,
        "what": recipe.description,
        "licence": licence,
        "stems": list(run.stems),
        "trained_on": trained_on,
        "recipe": recipe.table,
        "seed": seed,
        "steps": memory["step"],
        "best_step": memory["best_step"],
        "select_loss": memory["best_loss"],
        "weights": sum(w.numel() for w in memory["best"].values()),
        "streamsep": streamsep.__version__,
    }
    if scores is not None:
        card["scores"] = scores
    return card
