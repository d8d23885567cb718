"""`cue_bilstm`: two cue models, of which one hears the song backwards; the offline counterpart of `cue_lstm`.

Each of the two experts is a `CueLstm` with weights of its own. The masks are the geometric mean of
theirs, normalised: with logits f of the one that hears the past and b of the one that hears the future,

    m_j = sqrt(mf_j mb_j) / sum_i sqrt(mf_i mb_i) = softmax_j((f_j + b_j) / 2)

since softmax(a + b) = normalise(softmax(a) softmax(b)), and mf is softmax(f). The mean and not the sum
of the logits: each expert starts as the separator without weights, and so does their mean, while the
product of the two would be the square of it, too sure from the start. The loss sees the mean, so each
expert learns what the other does not know; each alone is a sensible separator all the same.

What the second expert hears are the same frames in reverse order. That is the song played backwards if
the analysis window is symmetric: with a[n_fft - n] = a[n] and a[0] = 0, the frame centred on sample c,

    X_t[k] = (-1)^k sum_m a[n_fft / 2 + m] x[c + m] exp(-2 pi i k m / n_fft),

becomes its complex conjugate when m turns its sign, and c lies on the grid of the hops in both songs.
Features are made of powers, of products L R* and of moduli of smoothed M_t M*_{t-k}, of which none
changes when all spectra are conjugated; so nobody needs to conjugate them.
"""

from __future__ import annotations

import torch

from streamsep.model import Model
from streamsep.models import cue_lstm_weights
from streamsep.models.cue_experts import check_symmetric, join_experts, split_experts
from streamsep.models.cue_lstm import CueLstm
from streamsep.spec import StreamSpec


class CueBilstm(torch.nn.Module):
    """Masks of two experts; see the module's docstring.

    Args:
        spec: Windows, rate, channels and stems.
        n_input: Width of the layer before each LSTM.
        n_hidden: Width of each LSTM.
        local: Widths of the two hidden layers of each network shared by all bins; None has none.
        dropout: Share of inputs and outputs of the LSTMs that are dropped in training.
        fine: Whether the LSTMs hear and answer the points of the fine grid, too.

    Raises:
        ParameterError: The analysis window is not symmetric.
    """

    def __init__(
        self,
        spec: StreamSpec,
        n_input: int = 128,
        n_hidden: int = 256,
        local: tuple[int, int] | None = None,
        dropout: float = 0.1,
        fine: bool = False,
    ) -> None:
        super().__init__()
        check_symmetric(spec.profile)
        self.spec = spec
        self.forwards = CueLstm(spec, n_input, n_hidden, local, dropout, fine=fine)
        self.backwards = CueLstm(spec, n_input, n_hidden, local, dropout, fine=fine)

    def offline(self, spectrum: torch.Tensor) -> torch.Tensor:
        """Masks of a whole spectrogram.

        Args:
            spectrum: Mixture, complex [batch, channels, bins, frames].

        Returns:
            Masks [batch, targets, channels, bins, frames], summing to 1 over targets.
        """
        past = self.forwards.offline(spectrum)
        future = self.backwards.offline(spectrum.flip(-1)).flip(-1)
        return geometric_mean(past, future)

    def logits(
        self,
        features: torch.Tensor,
        bands: torch.Tensor,
        bins: torch.Tensor,
        reversed_features: torch.Tensor,
        reversed_bands: torch.Tensor,
        fine: torch.Tensor | None = None,
        reversed_fine: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Logits of the masks of any bins in whole sequences, for training.

        Args:
            features: Of the frames in order. [batch, frames, n, CUES]
            bands: Inputs of the bands. [batch, frames, bands, BAND_CUES]
            bins: Indices of the n bins. [batch, n]
            reversed_features: Of the frames in reverse order, the last one first.
            reversed_bands: Inputs of the bands in that order.
            fine: Of the points of the fine grid, if it hears them. [batch, frames, FINE_CUES, points]
            reversed_fine: The same in that order.

        Returns:
            [batch, frames, n, targets], frames in order.
        """
        past = self.forwards.logits(features, bands, self.forwards.context(bands, fine), bins)
        delta = self.backwards.context(reversed_bands, reversed_fine)
        future = self.backwards.logits(reversed_features, reversed_bands, delta, bins)
        return 0.5 * (past + future.flip(1))


def geometric_mean(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The masks that both say, normalised. [batch, targets, ...], sums to 1 over targets"""
    # Roots first: the product of two masks may be too small for a number.
    mean = torch.sqrt(a) * torch.sqrt(b)
    return mean / mean.sum(1, keepdim=True)


def to_model(module: CueBilstm, card: dict[str, object] | None = None) -> Model:
    """The model that `from_model` reads; weights are float32 copies.

    Args:
        module: Trained.
        card: Licence, sources, scores.
    """
    experts = (
        cue_lstm_weights.to_model(module.forwards),
        cue_lstm_weights.to_model(module.backwards),
    )
    return Model(
        kind="cue_bilstm",
        profile=module.spec.profile,
        targets=module.spec.targets,
        weights=join_experts(*experts),
        card=card or {},
    )


def from_model(model: Model, spec: StreamSpec) -> CueBilstm:
    """The module of a model of kind "cue_bilstm"; the widths follow from the weights.

    Raises:
        CheckpointError: Weights are missing, foreign or have the wrong shape, or the model is for
            other stems.
        ParameterError: The analysis window is not symmetric.
    """
    module = CueBilstm(spec, n_input=1, n_hidden=1)
    experts = split_experts(model)
    module.forwards, module.backwards = (cue_lstm_weights.from_model(one, spec) for one in experts)
    return module.eval()
