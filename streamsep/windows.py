"""The asymmetric window pair: a long look into the past, a short delay.

The analysis window a[n] rises over n_fft - S/2 samples as a quarter sine and falls over the last S/2
samples as a quarter cosine, so its weight lies where the newest samples are. The synthesis window is
s[n] = h[n] / a[n] over the last S samples, zero before, with h the periodic Hann window of length S
times 2 hop / S. Copies of h shifted by hop add up to 1, so a frame that is not changed is reconstructed
exactly. With S = n_fft this becomes the ordinary pair of root-Hann windows (periodic).

Source: Mauler & Martin, "A low delay, variable resolution, perfect reconstruction spectral
analysis-synthesis system", EUSIPCO 2007; Wang et al., arXiv 2106.11794.
"""

from __future__ import annotations

import numpy as np

from streamsep.spec import Profile


def window_pair(profile: Profile) -> tuple[np.ndarray, np.ndarray]:
    """Analysis window [n_fft] and the non-zero end of the synthesis window [synthesis_length], float64."""
    length = profile.synthesis_length
    fall, rise = length // 2, profile.n_fft - length // 2
    analysis = np.empty(profile.n_fft)
    analysis[:rise] = np.sin(0.5 * np.pi * np.arange(rise) / rise)
    analysis[rise:] = np.cos(0.5 * np.pi * np.arange(fall) / fall)
    overlapped = length / (2.0 * profile.hop)
    hann = (0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(length) / length)) / overlapped
    tail = analysis[-length:]
    # Where the analysis window vanishes (only at n = 0 of equal windows) Hann vanishes faster.
    synthesis = np.divide(hann, tail, out=np.zeros(length), where=tail > 1e-8)
    return analysis, synthesis
