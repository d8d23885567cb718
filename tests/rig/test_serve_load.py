"""Clients in real time: all their stems come; the long form is the promise, ten minutes of it."""

import pytest

from rig.jack import is_thorough
from rig.serve_load import run


def test_three_clients_get_everything():
    figures = run(3, 3.0, 512, "--preset", "classic")
    assert figures["missing_frames"] == 0
    assert figures["blocks"] == 3 * round(3.0 * 44100 / 512)


@pytest.mark.skipif(not is_thorough(), reason="ten minutes; with RIG=long only")
def test_ten_minutes_without_a_late_block():
    figures = run(8, 600.0, 512)
    assert figures["missing_frames"] == 0
    assert figures["late_for_the_reserve"] == 0, figures
