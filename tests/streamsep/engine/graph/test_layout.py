"""Memories in rows: none overlaps another, and rows give back what was put in."""

import torch

from streamsep.engine.graph.layout import Layout


def test_rows_give_back_what_was_put_in():
    torch.manual_seed(0)
    memory = {
        "scalar": torch.randn(3),
        "vector": torch.randn(3, 5),
        "pairs": torch.randn(3, 2, 7, dtype=torch.complex64),
        "matrix": torch.randn(3, 2, 3),
    }
    layout = Layout({name: values[:1] for name, values in memory.items()})
    assert layout.width == 2 * 14 + 1 + 5 + 6
    found = layout.split(layout.join(memory))
    assert found.keys() == memory.keys()
    assert all(torch.equal(found[name], memory[name]) for name in memory)


def test_odd_widths_are_filled_up():
    layout = Layout({"z": torch.zeros(1, 3), "c": torch.zeros(1, 1, dtype=torch.complex64)})
    assert layout.width == 6
    rows = layout.join({"z": torch.ones(4, 3), "c": torch.ones(4, 1, dtype=torch.complex64)})
    assert rows.shape == (4, 6)
    assert (rows.sum(1) == 4.0).all()
