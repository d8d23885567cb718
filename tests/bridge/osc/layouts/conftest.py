"""The controls that layouts are drawn from: those of the repository's files, and effects as they may come."""

import pytest

from streamsep_bridge.osc.layouts.strips import repository_controls
from streamsep_bridge.osc.table import VALUE, Argument, Control


@pytest.fixture
def controls():
    return repository_controls()


@pytest.fixture
def controls_with_effects(controls):
    """A slot named by a number, a range in Hz, a switch, and a text, below one stem."""
    root = "/streamsep/stem/vocals/fx/1"
    added = {
        f"{root}/cutoff_hz": Argument("cutoff_hz", "float", 20.0, 900.0),
        f"{root}/bypass": Argument("bypass", "switch", 0.0, 1.0),
        f"{root}/chain": Argument("chain", "text", choices="chains"),
    }
    rows = {one: Control(one, "effect", (argument,), VALUE) for one, argument in added.items()}
    return {**controls, **rows}
