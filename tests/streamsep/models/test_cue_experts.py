import numpy as np
import pytest

from streamsep.errors import CheckpointError
from streamsep.model import Model
from streamsep.models.cue_experts import join_experts, split_experts
from streamsep.spec import PROFILES, STEM_SETS


def _model(kind, weights):
    return Model(kind, PROFILES["studio"], STEM_SETS["4stems"], weights=weights)


def test_experts_come_apart_as_they_were_joined():
    one, two = ({"bias": np.full(3, x), "lstm.bias": np.full(5, x)} for x in (1.0, 2.0))
    joined = join_experts(_model("cue_lstm", one), _model("cue_lstm", two))
    assert set(joined) == {
        f"{expert}.{name}" for expert in ("forwards", "backwards") for name in ("bias", "lstm.bias")
    }
    parts = split_experts(_model("cue_bilstm", joined))
    assert [part.kind for part in parts] == ["cue_lstm", "cue_lstm"]
    for part, weights in zip(parts, (one, two), strict=True):
        assert part.weights.keys() == weights.keys()
        assert all(part.weights[name] is array for name, array in weights.items())


def test_weights_of_no_expert_are_refused():
    with pytest.raises(CheckpointError, match="'slopes' of this cue_bilstm model belong to none"):
        split_experts(_model("cue_bilstm", {"slopes": np.zeros(3)}))
