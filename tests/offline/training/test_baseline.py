import numpy as np
import torch

from streamsep.models.open_unmix_masks import from_model
from streamsep.spec import PROFILES, StreamSpec
from streamsep_offline.training.baseline import Baseline
from streamsep_offline.training.examples import Varying
from streamsep_offline.training.songs import STEMS

STAGE = PROFILES["stage"]


def test_two_steps_are_exported_and_a_stopped_run_goes_on(songs, tmp_path):
    def run(name, *lengths):
        for steps in lengths:
            baseline = Baseline(STAGE, 8, 1e-3, 0, songs, Varying())
            model = baseline.train(steps, 1, tmp_path / name, [].append)
        return model

    whole = run("a", 2)
    module = from_model(whole, StreamSpec(STAGE, 44100, 2, STEMS)).eval()
    with torch.inference_mode():
        masks = module.offline(torch.randn(1, 2, 1025, 4, dtype=torch.complex64))
    assert float((masks.sum(dim=1) - 1).abs().max()) < 1e-5
    resumed = run("a", 2)
    assert all(np.array_equal(w, resumed.weights[k]) for k, w in whole.weights.items())
    fresh = Baseline(STAGE, 8, 1e-3, 0, songs, Varying()).export()
    assert not np.array_equal(
        fresh.weights["vocals.fc3.weight"], whole.weights["vocals.fc3.weight"]
    )
