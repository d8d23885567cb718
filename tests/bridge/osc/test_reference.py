"""The page has every address, and of each argument what the server checks."""

from streamsep_bridge.osc.reference import make_reference
from streamsep_bridge.osc.table import TABLE


def test_every_row_and_every_argument_is_there():
    page = make_reference().decode()
    for control in TABLE:
        row = next(line for line in page.splitlines() if line.startswith(f"| `{control.address}`"))
        assert control.help in row
        for argument in control.arguments:
            assert f"`{argument.name}`" in row


def test_ranges_units_and_defaults_are_told():
    page = make_reference().decode()
    assert "`ramp_s`: s, 0.001 to 3600, default 0.02" in page
    assert "`gain_db`: dB, -120 (silence) to 24, 0 at the start" in page
    assert "`pan`: -1 to 1, 0 at the start" in page
    assert "`mute`: 0 or 1" in page
    assert "`stem_set`: name of a stem set" in page
