import pytest

from streamsep_offline.training.log import LOG, RunLog, read_log


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


def test_no_log_has_no_rows(tmp_path):
    assert read_log(tmp_path) == []
