import numpy as np
import pytest
import torch

from streamsep_offline.training.clip import Clip
from streamsep_offline.training.settings import Stage, Training


def _clipped(clip, size):
    weight = torch.nn.Parameter(torch.zeros(4))
    weight.grad = torch.full((4,), size / 2.0)
    return clip.apply([weight]), float(weight.grad.norm())


def test_a_fixed_limit_scales_only_what_is_above():
    norms = []
    clip = Clip(Training((Stage(1, 1.0),), clip_norm=1.0), norms)
    assert _clipped(clip, 0.5) == pytest.approx((0.5, 0.5))
    assert _clipped(clip, 3.0) == pytest.approx((3.0, 1.0), rel=1e-5)
    assert norms == []


def test_no_limit_is_no_limit():
    clip = Clip(Training((Stage(1, 1.0),), clip_norm=0.0), [])
    assert _clipped(clip, 90.0) == pytest.approx((90.0, 90.0))


def test_autoclip_is_a_percentile_of_all_norms_so_far():
    seen, norms = [4.0], [4.0]
    clip = Clip(Training((Stage(1, 1.0),), clip_percentile=10.0), seen)
    for size in (4.0, 1.0, 2.0, 8.0):
        norms.append(size)
        before, after = _clipped(clip, size)
        assert before == pytest.approx(size)
        assert after == pytest.approx(min(size, np.percentile(norms, 10.0)), rel=1e-5)
    assert seen == pytest.approx(norms)
