import pytest
import torch

from streamsep.masking import (
    GAIN_FLOOR,
    ratio_masks,
    residual_gain,
    softmax_masks,
    with_residual,
)


def gains(*values: float) -> torch.Tensor:
    """One bin: [targets, channels, bins, frames]."""
    return torch.tensor(values).reshape(-1, 1, 1, 1)


def shares(masks: torch.Tensor) -> list[float]:
    return masks.flatten().tolist()


def test_residual_is_what_is_left_and_never_negative():
    assert shares(residual_gain(gains(0.25, 0.5))) == [0.25]
    assert shares(residual_gain(gains(0.75, 0.5))) == [0.0]


@pytest.mark.parametrize(
    ("exponent", "expected"), [(1.0, [0.75, 0.25]), (2.0, [0.9, 0.1]), (3.0, [27 / 28, 1 / 28])]
)
def test_ratio_shares_by_power(exponent, expected):
    assert shares(ratio_masks(gains(0.6, 0.2), exponent)) == pytest.approx(expected, abs=1e-6)


def test_ratio_does_not_depend_on_a_common_factor_over_80_db():
    reference = ratio_masks(gains(0.6, 0.3, 0.1), 2.0)
    for factor in (1e3, 10.0, 0.1, 1e-2):
        scaled = ratio_masks(factor * gains(0.6, 0.3, 0.1), 2.0)
        torch.testing.assert_close(scaled, reference, rtol=1e-5, atol=0.0)


@pytest.mark.parametrize("exponent", [0.5, 1.0, 2.0, 8.0])
def test_bins_that_nobody_claims_are_shared_equally(exponent):
    masks = ratio_masks(gains(0.0, 0.0, 0.0, GAIN_FLOOR / 2), exponent)
    assert shares(masks) == pytest.approx([0.25] * 4)


@pytest.mark.parametrize("exponent", [0.5, 1.0, 2.0, 8.0])
@pytest.mark.parametrize("largest", [0.0, 1e-30, 1e-3, 1.0, 1e6, 1e30])
def test_masks_are_finite_and_sum_to_1_at_any_gain(exponent, largest):
    generator = torch.Generator().manual_seed(0)
    drawn = largest * torch.rand(2, 4, 2, 50, 3, generator=generator)
    for masks in (ratio_masks(drawn, exponent), softmax_masks(drawn - largest / 2, exponent)):
        assert torch.isfinite(masks).all()
        torch.testing.assert_close(masks.sum(1), torch.ones(2, 2, 50, 3), rtol=0.0, atol=1e-6)
        assert masks.min() >= 0.0


def test_softmax_ignores_a_common_shift_and_sharpens_with_the_exponent():
    soft = softmax_masks(gains(0.0, 1.0), 1.0)
    torch.testing.assert_close(softmax_masks(gains(5.0, 6.0), 1.0), soft)
    assert shares(soft)[1] == pytest.approx(1.0 / (1.0 + 2.718281828**-1.0), abs=1e-6)
    assert shares(softmax_masks(gains(0.0, 1.0), 10.0))[1] > 0.9999


def test_arguments_stay_as_they_are():
    given = gains(0.0, 0.5, 2.0)
    kept = given.clone()
    ratio_masks(given, 2.0)
    softmax_masks(given, 2.0)
    residual_gain(given)
    assert torch.equal(given, kept)


def test_the_residual_takes_all_classes_from_its_own_on():
    masks = torch.softmax(torch.randn(2, 4, 7, generator=torch.Generator().manual_seed(1)), 1)
    two = with_residual(masks, 2)
    assert torch.equal(two[:, 0], masks[:, 0])
    assert torch.allclose(two[:, 1], masks[:, 1:].sum(1))
    assert torch.equal(with_residual(masks, 4), masks)
