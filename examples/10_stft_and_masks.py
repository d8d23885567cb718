"""Lesson 10: what a spectrogram is, what a mask does, and what no mask can do.

    python examples/10_stft_and_masks.py [--data SONGS] [--seconds 8] [--profile stage] [--stem vocals]

SONGS is a folder of songs with stems; without it a song is composed. Prints how well the stem can be cut out
by masks that know the answer, and draws 10_stft_and_masks.png.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure

from streamsep.overlap_add import change_spectra, each_spectra
from streamsep.scores import sdr_db
from streamsep.spec import find_profile
from streamsep_offline.data.composed import compose_songs
from streamsep_offline.data.song import find_songs
from streamsep_offline.evaluation.oracle import OracleMethod

if sys.argv[1:] in (["-h"], ["--help"]):
    sys.exit(__doc__)
parser = argparse.ArgumentParser(add_help=False)
parser.add_argument("--data", type=Path)
parser.add_argument("--seconds", type=float, default=8.0)
parser.add_argument("--profile", default="stage")
parser.add_argument("--stem", default="vocals")
args = parser.parse_args()

folder = args.data or compose_songs(Path("composed"), train=0, valid=0, test=1)
song = next(find_songs(folder))
middle_s = max(0.0, song.n_samples / song.sample_rate - args.seconds) / 2
stems, rate = song.read(middle_s, args.seconds)
j, profile = song.stems.index(args.stem), find_profile(args.profile)

# A spectrogram: short pieces of sound, each taken apart into its frequencies. [bins, frames], left channel
spectra = np.concatenate(list(each_spectra(stems, profile)), axis=-2)[:, 0].swapaxes(-1, -2)
stem, whole = np.abs(spectra[j]), np.abs(spectra.sum(axis=0))
share = stem / (np.abs(spectra).sum(axis=0) + 1e-10)
beyond = np.sum(stem[stem > whole] ** 2) / np.sum(stem**2)
print(f"{song.name}: bins {rate / profile.n_fft:.1f} Hz, frames {profile.n_fft / rate:.3f} s")
print(
    f"{100 * beyond:.0f} % of the power of {args.stem} is in bins where it is louder than the music"
)


def with_phase_of_mixture(s):
    """The stem's true magnitudes, but the phase that can be heard."""
    x = s.sum(axis=0)
    return np.abs(s) * np.exp(1j * np.angle(x))


made = {
    "doing nothing": OracleMethod("mixture", profile).stems(stems),
    "binary mask: all or nothing": OracleMethod("ibm", profile).stems(stems),
    "ratio mask: its share": OracleMethod("irm", profile).stems(stems),
    "true magnitude, mixture's phase": change_spectra(stems, profile, with_phase_of_mixture),
    "phase-sensitive mask": OracleMethod("psm", profile).stems(stems),
    "true magnitude and phase": change_spectra(stems, profile, lambda s: s),
}
print(f"{'SDR in dB of':34}" + "".join(f"{name:>10}" for name in song.stems))
for what, estimates in made.items():
    scores = [sdr_db(a, b, rate) for a, b in zip(stems, estimates, strict=True)]
    print(f"{what:34}" + "".join(f"{one:10.1f}" for one in scores))

figure, colours = Figure(figsize=(6.4, 5.4), layout="constrained"), colormaps["magma"]
rows = {"music": whole, args.stem: stem, "ideal ratio mask": share, "mask x music": share * whole}
shown, top_db = int(4000 / rate * profile.n_fft), 20 * np.log10(whole.max())
for axes, (title, values) in zip(figure.subplots(4, 1, sharex=True), rows.items(), strict=True):
    image = values if values is share else 20 * np.log10(values + 1e-10) - top_db
    extent = (0, args.seconds, 0, shown * rate / profile.n_fft / 1000)
    image = axes.imshow(image[:shown], colours.resampled(10), aspect="auto", origin="lower")
    image.set(extent=extent, clim=(0, 1) if values is share else (-60, 0))
    axes.set(title=title, ylabel="kHz")
axes.set_xlabel("seconds")
figure.savefig("10_stft_and_masks.png", dpi=70)
