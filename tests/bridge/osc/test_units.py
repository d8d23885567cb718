"""A name ends with its unit."""

import pytest

from streamsep_bridge.osc.table import Argument
from streamsep_bridge.osc.units import unit


@pytest.mark.parametrize(
    ("name", "expected"),
    [("gain_db", "dB"), ("fade_s", "s"), ("total_ms", "ms"), ("rate_hz", "Hz"), ("pan", "")],
)
def test_a_name_ends_with_its_unit(name, expected):
    assert unit(Argument(name)) == expected
