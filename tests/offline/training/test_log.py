import numpy as np
import pytest

from streamsep_offline.training.log import LOG, RunLog, _smooth, read_log


def _steps(log, numbers, check_every=2):
    for step in numbers:
        log.stepped(step, 0.1 * step, 1.0, 2.0, 0.0)
        if step % check_every == 0:
            log.checked(step, 1.0 / step, True)


def test_a_row_per_step_and_the_select_loss_where_it_was_looked_at(tmp_path):
    log = RunLog(tmp_path)
    log.resumed(0)
    _steps(log, range(1, 6))
    log.close()
    rows = read_log(tmp_path)
    assert [row["step"] for row in rows] == list("12345")
    assert [row["select"] for row in rows] == ["", "0.5", "", "0.25", ""]
    assert float(rows[2]["loss"]) == pytest.approx(0.3)


def test_a_run_that_goes_on_drops_what_comes_after_its_checkpoint(tmp_path):
    log = RunLog(tmp_path)
    log.resumed(0)
    _steps(log, range(1, 6))
    log.close()
    with (tmp_path / LOG).open("a") as file:
        file.write("6,0.")  # killed while it wrote
    log = RunLog(tmp_path)
    log.resumed(4)
    _steps(log, range(5, 7))
    log.close()
    assert [row["step"] for row in read_log(tmp_path)] == list("123456")
    assert len((tmp_path / LOG).read_text().splitlines()) == 7


def test_a_step_is_in_the_file_before_its_checkpoint_can_be(tmp_path):
    """A run that is killed right after it was saved has the row of that step."""
    log = RunLog(tmp_path)
    log.resumed(0)
    for step in (1, 2):
        log.stepped(step, 0.1, 1.0, 2.0, 0.0)
        assert [row["step"] for row in read_log(tmp_path)] == list("12"[:step])
    log.checked(2, 0.25, True)
    assert [row["select"] for row in read_log(tmp_path)] == ["", "0.25"]
    log.close()


def test_curves_are_means_of_the_steps_so_far():
    values = [float(x) for x in np.random.default_rng(0).standard_normal(120)]
    expected = [np.mean(values[max(0, i - 49) : i + 1]) for i in range(120)]
    assert _smooth(values) == pytest.approx(expected)
    assert len(_smooth([])) == 0


def test_no_log_has_no_rows(tmp_path):
    assert read_log(tmp_path) == []
