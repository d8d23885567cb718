"""Cue models with random weights that are all at work, as after training; made without PyTorch."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from streamsep.features.cue_tables import BAND_CUES, CUES, N_BANDS
from streamsep.model import Model, save_model
from streamsep.models.cue_experts import join_experts
from streamsep.models.cue_prior import prior_logits
from streamsep.spec import PROFILES, STEM_SETS


def cue_model(profile="studio", stem_set="4stems", seed=0, n_input=16, n_hidden=12):
    """A "cue_lstm"."""
    rng = np.random.default_rng(seed)
    targets = STEM_SETS[stem_set]
    n = len(targets)
    shapes = {
        "bias": (N_BANDS, n),
        "slopes": (N_BANDS, n, len(CUES)),
        "context_input.weight": (n_input, len(BAND_CUES) * N_BANDS),
        "context_input.bias": (n_input,),
        "lstm.weight_input": (4 * n_hidden, n_input),
        "lstm.weight_hidden": (4 * n_hidden, n_hidden),
        "lstm.bias": (4 * n_hidden,),
        "context_output.weight": (N_BANDS * n, n_hidden),
        "context_output.bias": (N_BANDS * n,),
    }
    weights = {
        name: (0.2 * rng.standard_normal(shape)).astype(np.float32)
        for name, shape in shapes.items()
    }
    weights["cue_logits"] = prior_logits(targets)
    return Model("cue_lstm", PROFILES[profile], targets, weights=weights)


def both_ways_model(stem_set="4stems", seeds=(0, 1), **sizes):
    """A "cue_bilstm" whose experts differ: that of the first seed hears the song forwards."""
    experts = [cue_model("studio", stem_set, seed, **sizes) for seed in seeds]
    profile, targets = experts[0].profile, experts[0].targets
    return Model("cue_bilstm", profile, targets, weights=join_experts(*experts))


def write_both_ways_preset(folder: Path, name="4stems-mine", **sizes):
    """A preset of such a model in a folder, and the model's folder beside it."""
    save_model(both_ways_model(**sizes), folder / "mine")
    preset = {"format": "streamsep-preset", "version": 1, "model": "mine", "licence": "MIT"}
    preset |= {"stems": ["4stems"], "profiles": ["studio"]}
    (folder / f"{name}.json").write_text(json.dumps(preset), encoding="utf-8")
