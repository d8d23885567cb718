import numpy as np

from signals import music
from streamsep import Separator
from streamsep.engine import create_engine
from streamsep.engine.tap import MaskTap
from streamsep.whole import separate_blocks


def test_tap_sees_every_hop_and_changes_nothing():
    x, separator = music(0.5), Separator.from_preset("classic")
    seen = []
    engine = create_engine("compiled", separator.model, separator.spec)
    tap = MaskTap(engine, lambda masks: seen.append(masks.copy()))
    stems = np.concatenate(list(separate_blocks(tap, [x], 44100, 2)), axis=-1)
    assert np.array_equal(stems, separator.separate(x))
    hop = separator.spec.profile.hop
    assert abs(len(seen) - x.shape[1] / hop) <= 2
    assert all(np.allclose(masks.sum(axis=0), 1.0, atol=1e-5) for masks in seen)
    assert not np.array_equal(seen[3], seen[20])
