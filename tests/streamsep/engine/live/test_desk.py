"""The desk is laid out as docs/live-memory.md says, for those who cannot import it."""

import re
from pathlib import Path

import numpy as np
import pytest

from streamsep.engine.live import inserts, memory
from streamsep.engine.live.desk import Desk, layout, n_bytes

PAGE = (Path(__file__).parents[4] / "docs" / "live-memory.md").read_text(encoding="utf-8")


def rows(n_cells):
    """Rows of the page's tables with so many cells, without code marks."""
    lines = [line for line in PAGE.splitlines() if line.startswith("|")]
    cells = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if len(row) == n_cells]


@pytest.mark.parametrize(("channels", "frames", "ring"), [(1, 0, 0), (2, 480, 1024)])
def test_fields_are_those_of_the_page(channels, frames, ring):
    offset, found = 0, layout(channels, frames, ring)
    table = [row for row in rows(3) if row[1] in ("int64", "float64", "float32")]
    assert [row[0] for row in table] == list(found)
    for name, kind, shape in table:
        text = shape.replace("10 C", str(10 * channels)).replace("C", str(channels))
        text = text.replace("G", str(max(ring, 1)))
        numbers = tuple(int(n) for n in re.findall(r"\d+", text.replace("F", str(max(frames, 1)))))
        assert found[name] == (offset, np.dtype(kind).type, numbers), name
        end = offset + int(np.prod(numbers)) * np.dtype(kind).itemsize
        offset = -(-end // 64) * 64
    assert n_bytes(channels, frames, ring) == end


def test_counters_and_kinds_are_those_of_the_page():
    counters = {row[1]: int(row[0]) for row in rows(4) if row[0].isdigit()}
    assert counters == {name: getattr(memory, name) for name in counters}
    assert sorted(counters.values()) == list(range(len(counters)))
    assert max(counters.values()) < memory.N_COUNTS
    kinds = {row[1]: int(row[0]) for row in rows(5) if row[0].isdigit()}
    assert list(kinds.values()) == [memory.BYPASS, memory.MASTER, memory.FADER, memory.SWITCH]


def test_counters_of_racks_are_those_of_the_page():
    counters = {row[1]: int(row[0]) for row in rows(3) if row[0].isdigit()}
    assert len(counters) == 4
    assert counters == {name: getattr(inserts, name) for name in counters}
    for name in ("IS_ON", "FROM", "READY"):
        assert f"{getattr(inserts, name)} `{name}`" in PAGE


def test_an_event_lies_where_the_page_says():
    desk = Desk(2)
    matrix = np.array([[1.0, 2.0], [3.0, 4.0]])
    desk.move_fader(1, 3, matrix, ramp=441, time=1234)
    assert desk.counts[6] == 1
    assert desk.event_times[0] == 1234
    assert (desk.event_kinds[0], desk.event_indices[0], desk.event_ramps[0]) == (8, 259, 441)
    assert desk.event_values[0].tolist() == [1.0, 2.0, 3.0, 4.0]
