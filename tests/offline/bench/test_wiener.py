import io
import json

import numpy as np
import pytest
from rich.console import Console
from rich.progress import Progress

from streamsep.errors import MissingExtraError
from streamsep_offline.bench import run_offline_bench, separation
from streamsep_offline.bench import wiener as bench
from streamsep_offline.bench.peak_memory import peak_bytes


@pytest.fixture(scope="module")
def results():
    rounds = []
    rows = bench.compare_wiener(n_frames=8, rounds=2, on_round=lambda: rounds.append(1))
    assert len(rounds) == 2
    return rows


def test_all_filters_that_are_installed_compute_the_same(results):
    assert [row.name for row in results] == ["streamsep", "norbert", "open-unmix"]
    assert results[0].times_ours == 1.0
    for row in results:
        if row.seconds is not None:
            assert row.seconds.shape == (2,)
            assert row.difference < 1e-2


def test_memory_holds_at_least_the_result(results):
    result_bytes = 8 * bench.N_TARGETS * bench.N_CHANNELS * bench.N_BINS * 200
    peak = peak_bytes("streamsep", 200)
    if peak is None:
        pytest.skip("this system does not tell the peak memory of a process")
    assert 0.9 * result_bytes < peak < 2.0 * result_bytes


def test_a_filter_that_is_not_installed_is_named(monkeypatch, results):
    monkeypatch.setattr(bench.importlib.util, "find_spec", lambda name: None)
    given = bench.make_input(8, 8)
    assert bench.CONTESTANTS["norbert"](given) is None
    assert bench.CONTESTANTS["open-unmix"](given) is None


def test_report_and_table_show_all_rows(results):
    text = json.dumps([row.as_json() for row in results], allow_nan=False)
    assert all(row.name in text for row in results)
    console = Console(file=io.StringIO(), width=100)
    console.print(bench.wiener_table(results, 8))
    assert "streamsep" in console.file.getvalue()


def test_the_input_is_where_no_peer_modifies_it():
    given = bench.make_input(50, 60)
    assert np.abs(given.mixture).max() < 10.0


def test_all_measurements_are_printed_and_reported(monkeypatch):
    monkeypatch.setattr(bench, "compare_wiener", lambda n, rounds, advance: [])
    monkeypatch.setattr(separation, "compare_separations", lambda s, size, rounds, advance: [])
    console = Console(file=io.StringIO(), width=120)
    with Progress(console=console, disable=True) as progress:
        report = run_offline_bench(console, progress, is_quick=True)
    assert report == {"wiener": [], "separation": []}
    assert "Wiener filter" in console.file.getvalue()
    assert "Whole separation" in console.file.getvalue()


def test_without_torch_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setattr(bench.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"streamsep\[offline\]"):
        run_offline_bench(Console(), Progress(disable=True), is_quick=True)
