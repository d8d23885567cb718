"""Two steps on small data of every layout: what is read there can be learned from."""

import pytest
from lightning_fabric import Fabric

from layouts_on_disk import WRITERS
from rig.jack import is_thorough
from streamsep_offline.training.material import Material
from streamsep_offline.training.recipe import make_recipe, read_recipe
from streamsep_offline.training.run import Run, best_task, read_run, train_seeds

STEPS = 2


class _Heard(list):
    def resumed(self, step):
        pass

    def stepped(self, step, loss, rate, norm, wait_s):
        self.append(loss)

    def checked(self, step, select, is_best):
        self.append(select)


@pytest.mark.parametrize("layout", [*WRITERS, *(["made"] if is_thorough() else [])])
def test_two_steps_are_trained(layout, tmp_path, monkeypatch):
    monkeypatch.setenv("STREAMSEP_CACHE_DIR", str(tmp_path / "cache"))
    if layout == "musdb":
        pytest.importorskip("av", reason="needs the extra 'formats'")
    table = dict(read_recipe("tiny").table)
    table["data"] = {"seconds": 0.5, "samples_per_track": 2, "valid_seconds": 0.5}
    if layout == "made":
        table["data"] |= {"layout": "made", "made_songs": 2}
        folder = tmp_path / "no-samples"
        folder.mkdir()
    else:
        on_disk = WRITERS[layout](tmp_path / "songs")
        folder = on_disk.folder
        table["data"] |= on_disk.settings
    table["model"] = {"kind": "open_unmix", "hidden_size": 4, "layers": 1, "statistics": 2}
    table["loss"] = {"kind": "complex_l1"}
    table["training"] = {
        "batch": 2,
        "check_every": STEPS,
        "stages": [{"steps": STEPS, "rate": 1e-3}],
    }
    run = Run(tmp_path / "run", make_recipe(table), folder, tmp_path / "run")
    material = Material(run, 1, lambda done, total: None)
    material.run.write()
    heard = _Heard()
    train_seeds(
        material.run, material, Fabric(accelerator="cpu", devices=1), lambda seed, feed: heard, 0
    )
    assert len(heard) == STEPS + 1
    again = read_run(tmp_path / "run")
    assert (again.stems, again.recipe.data) == (material.run.stems, run.recipe.data)
    if layout != "made":
        assert again.stems == on_disk.stems
    task, seed, memory = best_task(again)
    assert (seed, memory["step"]) == (1, STEPS)
    task.export(tmp_path / "model", {})
