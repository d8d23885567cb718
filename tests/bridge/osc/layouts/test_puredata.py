"""The patch hangs together: cords end at boxes that are there, and every address has a way in or out.

tests/rig/test_osc_peers.py opens it in Pure Data.
"""

import re

import pytest

from streamsep_bridge.osc.layouts.puredata import make_patch
from streamsep_bridge.osc.table import ACTION, REPORT


def canvases(patch):
    """Boxes and cords of every canvas, the outermost last."""
    done, open_ones = [], []
    for line in patch.decode().rstrip(";\n").split(";\n"):
        if line.startswith("#N canvas"):
            open_ones.append(([], []))
        elif line.startswith("#X restore"):
            done.append(open_ones.pop())
            open_ones[-1][0].append(line)
        elif line.startswith("#X connect"):
            open_ones[-1][1].append([int(one) for one in line.split()[2:]])
        else:
            open_ones[-1][0].append(line)
    assert len(open_ones) == 1
    return [*done, open_ones[0]]


@pytest.mark.parametrize("which", ["controls", "controls_with_effects"])
def test_cords_end_at_boxes(request, which):
    for boxes, cords in canvases(make_patch(request.getfixturevalue(which))):
        for one, _, other, _ in cords:
            assert 0 <= one < len(boxes)
            assert 0 <= other < len(boxes)
            assert "#X text" not in boxes[one] + boxes[other]


def test_every_address_has_a_way(controls_with_effects):
    patch = make_patch(controls_with_effects).decode()
    for address, control in controls_with_effects.items():
        form = " ".join(address.strip("/").split("/"))
        assert (f" r {address};" in patch) == (control.role != REPORT)
        assert (f"oscformat {form};" in patch) == (control.role != REPORT)
        assert (f" s {address}/is;" in patch) == (control.role != ACTION)


def test_no_route_mixes_names_and_numbers(controls_with_effects):
    routes = re.findall(r"route (.*);", make_patch(controls_with_effects).decode())
    assert "1" in routes
    assert all(len(one.split()) == 1 for one in routes)
