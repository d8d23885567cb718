import numpy as np
import pytest

from streamsep_bridge.serve.refused import Refused
from streamsep_bridge.serve.samples import decode, encode


@pytest.mark.parametrize(("name", "error"), [("f32", 0.0), ("s16", 0.51 / 32768.0)])
def test_sound_comes_as_it_was_sent(name, error):
    stems = np.random.default_rng(1).uniform(-0.9, 0.9, (4, 2, 100)).astype(np.float32)
    message = encode(stems, 12345678901, name)
    assert int.from_bytes(message[:8], "little") == 12345678901
    # Frames hold all stems, each all channels: 8 channels to whoever decodes them.
    back = decode(message[8:], name, 8).reshape(4, 2, 100)
    np.testing.assert_allclose(back, stems, atol=error)


def test_16_bits_end_at_full_scale():
    loud = np.array([[[2.0, -2.0, 1.0, -1.0]]], np.float32)
    back = decode(encode(loud, 0, "s16")[8:], "s16", 1)
    np.testing.assert_array_equal(back * 32768.0, [[32767.0, -32768.0, 32767.0, -32768.0]])


def test_half_frames_are_refused():
    with pytest.raises(Refused, match="multiples of 8 bytes"):
        decode(b"\0" * 12, "f32", 2)
    assert decode(b"", "f32", 2).shape == (2, 0)
