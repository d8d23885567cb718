from pathlib import Path

import numpy as np
import pytest
import torch

from contract import verify_stage
from streamsep.errors import CheckpointError, EngineError, ParameterError, ShapeError
from streamsep.model import Model, load_model, save_model
from streamsep.models import build_mask_model
from streamsep.models.open_unmix import OpenUnmix
from streamsep.models.open_unmix_random import max_bin_of, random_model
from streamsep.models.open_unmix_weights import network_shapes
from streamsep.spec import PROFILES, STEM_SETS, Profile, StreamSpec

TARGETS = STEM_SETS["4stems"]
SMALL = Profile("small", 256, 128, 64)


def published_shapes() -> dict[str, tuple[int, ...]]:
    """State of umx and umxhq as published: bidirectional, hidden size 512, 2049 bins, 16 kHz."""

    def norm(name: str, size: int) -> dict[str, tuple[int, ...]]:
        vectors = ("weight", "bias", "running_mean", "running_var")
        return {f"{name}.{v}": (size,) for v in vectors} | {f"{name}.num_batches_tracked": ()}

    bins = {"input_mean": 1487, "input_scale": 1487, "output_scale": 2049, "output_mean": 2049}
    shapes = {name: (size,) for name, size in bins.items()}
    shapes |= {"fc1.weight": (512, 2974), **norm("bn1", 512)}
    for layer in (0, 1, 2):
        for suffix in ("", "_reverse"):
            shapes[f"lstm.weight_ih_l{layer}{suffix}"] = (1024, 512)
            shapes[f"lstm.weight_hh_l{layer}{suffix}"] = (1024, 256)
            shapes[f"lstm.bias_ih_l{layer}{suffix}"] = (1024,)
            shapes[f"lstm.bias_hh_l{layer}{suffix}"] = (1024,)
    shapes |= {"fc2.weight": (512, 1024), **norm("bn2", 512)}
    return shapes | {"fc3.weight": (4098, 512), **norm("bn3", 4098)}


def shapes_of(network: OpenUnmix) -> dict[str, tuple[int, ...]]:
    return {key: tuple(tensor.shape) for key, tensor in network.state_dict().items()}


def small_network(unidirectional: bool = True, seed: int = 0) -> OpenUnmix:
    torch.manual_seed(seed)
    network = OpenUnmix(33, 2, 16, 3, unidirectional, max_bin=20)
    for norm in (network.bn1, network.bn2, network.bn3):
        torch.nn.init.uniform_(norm.running_var, 0.5, 2.0)
        torch.nn.init.normal_(norm.running_mean)
    return network.eval()


def frames(count: int, batch: int = 2, seed: int = 1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(batch, 2, 33, count, generator=generator)


def test_state_of_the_bidirectional_network_is_as_published():
    network = OpenUnmix(2049, 2, 512, 3, max_bin=1487)
    assert list(shapes_of(network).items()) == list(published_shapes().items())


@pytest.mark.parametrize(
    ("unidirectional", "count"), [(False, 8_893_348), (True, 10_466_212)], ids=["both", "causal"]
)
def test_parameter_counts_are_as_published(unidirectional, count):
    network = OpenUnmix(2049, 2, 512, 3, unidirectional, max_bin=1487)
    assert sum(parameter.numel() for parameter in network.parameters()) == count


def test_table_of_shapes_is_the_causal_networks_state():
    network = OpenUnmix(2049, 2, 512, 3, unidirectional=True, max_bin=1487)
    table = network_shapes(2049, 2, 512, 3, 1487)
    assert list(table.items()) == list(shapes_of(network).items())


def test_bandwidth_of_16_khz_is_the_published_bin():
    assert max_bin_of(PROFILES["studio"], 44100) == 1487
    assert max_bin_of(Profile("umxse", 1024, 1024, 256), 16000, 16000.0) == 513


def test_input_statistics_are_stored_negated_and_inverted():
    mean, scale = np.linspace(1.0, 2.0, 33), np.linspace(2.0, 4.0, 33)
    network = OpenUnmix(33, 1, 8, 1, input_mean=mean, input_scale=scale, max_bin=20)
    np.testing.assert_allclose(network.input_mean.detach(), -mean[:20], rtol=1e-7)
    np.testing.assert_allclose(network.input_scale.detach(), 1.0 / scale[:20], rtol=1e-7)


def test_short_input_statistics_are_refused():
    with pytest.raises(ParameterError, match="cover 5 bins, the network sees 20"):
        OpenUnmix(33, 1, 8, 1, input_mean=[0.0] * 5, max_bin=20)


def test_causal_network_keeps_the_streaming_contract():
    network, x = small_network(), frames(40)
    with torch.inference_mode():
        verify_stage(network, lambda: network.init_state(2), x, tolerance=1e-5)
        assert network.offline(x).std() > 0.01


def test_bidirectional_network_sees_the_future_and_refuses_to_step():
    network, x = small_network(unidirectional=False), frames(40)
    changed = x.clone()
    changed[..., 39] += 1.0
    with torch.inference_mode():
        assert not torch.equal(network.offline(x)[..., :39], network.offline(changed)[..., :39])
    with pytest.raises(ParameterError, match=r"use offline\(\)"):
        network.init_state(1)


def test_arguments_and_past_states_stay_as_they_are():
    network, x = small_network(), frames(5)
    kept, state = x.clone(), network.init_state(2)
    with torch.inference_mode():
        network.step(x, state)
    assert torch.equal(x, kept)
    assert not state.hidden.any()
    assert not state.cell.any()


def test_wrong_axes_are_named():
    with pytest.raises(ShapeError, match=r"expected \[batch, 2, 33, frames\]"):
        small_network().offline(torch.zeros(2, 33, 4))


def test_sizes_out_of_range_are_refused():
    with pytest.raises(ParameterError, match="hidden_size=7 must be even"):
        OpenUnmix(33, 2, 7, 1)
    with pytest.raises(ParameterError, match="max_bin=34"):
        OpenUnmix(33, 2, 8, 1, max_bin=34)


def spec_for(model: Model) -> StreamSpec:
    return StreamSpec(model.profile, 44100, model.channels, model.targets)


def spectrum(spec: StreamSpec, count: int, seed: int = 2) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    shape = (2, spec.channels, spec.profile.n_bins, count)
    return torch.randn(shape, generator=generator, dtype=torch.complex64)


@pytest.mark.parametrize("mask", ["ratio", "softmax"])
@pytest.mark.parametrize("residual_network", [True, False])
def test_mask_model_keeps_the_streaming_contract_and_masks_sum_to_1(mask, residual_network):
    model = random_model(SMALL, TARGETS, 16, residual_network=residual_network, mask=mask)
    masks, x = build_mask_model(model, spec_for(model)), spectrum(spec_for(model), 20)
    with torch.inference_mode():
        verify_stage(masks, lambda: masks.init_state(2), x, tolerance=1e-5)
        shares = masks.offline(x)
    torch.testing.assert_close(shares.sum(1), torch.ones_like(shares[:, 0]), rtol=0.0, atol=1e-6)
    assert shares.shape == (2, 4, 2, SMALL.n_bins, 20)
    assert shares.min() >= 0.0
    assert shares.std() > 0.01


def test_masks_of_digital_silence_are_finite_and_sum_to_1():
    model = random_model(SMALL, TARGETS, 16)
    masks = build_mask_model(model, spec_for(model))
    silence = torch.zeros_like(spectrum(spec_for(model), 10))
    with torch.inference_mode():
        shares = masks.offline(silence)
    torch.testing.assert_close(shares.sum(1), torch.ones_like(shares[:, 0]), rtol=0.0, atol=1e-6)


def test_model_folder_round_trip_gives_the_same_masks(tmp_path: Path):
    model = random_model(SMALL, TARGETS, 16, residual_network=False)
    save_model(model, tmp_path)
    x = spectrum(spec_for(model), 5)
    with torch.inference_mode():
        first = build_mask_model(model, spec_for(model)).offline(x)
        second = build_mask_model(load_model(tmp_path), spec_for(model)).offline(x)
    assert torch.equal(first, second)


def damaged(**changes) -> Model:
    model = random_model(SMALL, TARGETS, 16)
    fields = {name: getattr(model, name) for name in model.__dataclass_fields__}
    return Model(**(fields | changes))


def test_missing_and_foreign_keys_are_named():
    weights = dict(random_model(SMALL, TARGETS, 16).weights)
    weights["vocals.stft.window"] = weights.pop("drums.fc1.weight")
    model = damaged(weights=weights)
    message = "missing drums.fc1.weight, foreign vocals.stft.window"
    with pytest.raises(CheckpointError, match=message):
        build_mask_model(model, spec_for(model))


def test_wrong_shape_is_named():
    weights = dict(random_model(SMALL, TARGETS, 16).weights)
    weights["bass.fc2.weight"] = weights["bass.fc2.weight"][:, :-1]
    model = damaged(weights=weights)
    with pytest.raises(CheckpointError, match=r"bass.fc2.weight has shape \(16, 31\)"):
        build_mask_model(model, spec_for(model))


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("mask", "binary"),
        ("exponent", 0.0),
        ("networks", ["vocals"]),
        ("max_bin", 999),
        ("hidden_size", None),
    ],
)
def test_damaged_settings_are_refused(setting, value):
    settings = dict(random_model(SMALL, TARGETS, 16).settings) | {setting: value}
    model = damaged(settings=settings)
    with pytest.raises(CheckpointError, match="export the model again"):
        build_mask_model(model, spec_for(model))


def test_model_of_another_stream_is_refused():
    model = random_model(SMALL, TARGETS, 16)
    with pytest.raises(EngineError, match="made for channels 2, the stream has 1"):
        build_mask_model(model, StreamSpec(SMALL, 44100, 1, TARGETS))
