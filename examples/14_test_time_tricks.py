"""Lesson 14: better stems from the same training: Wiener filter, shifts, ensembles.

    python examples/14_test_time_tricks.py [--data SONGS] [--songs 1] [--seconds 10] [--shifts 2]
        [--seeds 2] [--steps 15]

Scores the bundled model live and offline, without and with each trick: SDR in dB, mean over stems and songs.
Then trains a small network from several seeds and scores each, and the mean of their stems. SONGS is a folder
of songs with stems; without it a few are composed. Draws 14_test_time_tricks.png. For more: --steps 150.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from streamsep import Separator, find_preset
from streamsep.model import load_model
from streamsep.scores import sdr_db
from streamsep_offline import separate
from streamsep_offline.data.composed import compose_songs
from streamsep_offline.data.excerpts import open_excerpts, open_songs
from streamsep_offline.evaluation.live import hear_live
from streamsep_offline.training.recipe import read_recipe
from streamsep_offline.training.watch import train_watched

if sys.argv[1:] in (["-h"], ["--help"]):
    sys.exit(__doc__)
parser = argparse.ArgumentParser(add_help=False)
parser.add_argument("--data", type=Path)
for name, value in {"songs": 1, "seconds": 10.0, "shifts": 2, "seeds": 2, "steps": 15}.items():
    parser.add_argument(f"--{name}", type=type(value), default=value)
args = parser.parse_args()
folder = args.data or compose_songs(Path("composed"), train=2, valid=1, test=args.songs)
recipe = read_recipe("tiny", [f"training.stages.0.steps={args.steps}", "training.batch=2"])
test = [s.read(0.0, args.seconds) for s in open_songs(folder, "test", recipe.data)[: args.songs]]


def live(model, wiener=False):
    """The stems of a stream."""
    settings = {"engine": "torch", "wiener": wiener}
    return lambda mix, rate: hear_live(Separator(model, sample_rate=rate, **settings), mix)


def offline(**settings):
    """The stems of the bundled model with the whole song at hand."""
    return lambda mix, rate: list(separate(mix, rate, **settings).values())


def train(seed):
    """The stems of a small network, trained from that seed."""
    place = Path("seeds") / f"{folder.name}-{args.steps}-{seed}"
    songs, new = (open_excerpts(folder, split, recipe.data) for split in ("train", "valid"))
    task, _ = train_watched(recipe, songs, {"new": new}, place, seed)
    task.export(place / "model", {"name": f"seed {seed}"})
    return live(load_model(place / "model"))


nets, best = [train(seed) for seed in range(1, args.seeds + 1)], find_preset().load()
tricks = {"bundled model, live": live(best), "live, Wiener filter": live(best, wiener=True)}
tricks["offline, no filter"] = offline(niter=0)
tricks[f"offline, mean of {args.shifts} shifts"] = offline(niter=0, shifts=args.shifts)
tricks |= {"offline, Wiener filter": offline(niter=1), "the same, 2 rounds": offline(niter=2)}
tricks |= {f"small network, seed {seed}": net for seed, net in enumerate(nets, 1)}
tricks["mean of their stems"] = lambda *song: np.mean([net(*song) for net in nets], axis=0)
means = []
for name, find in tricks.items():
    scores = []
    for true, rate in test:
        found = find(true.sum(axis=0), rate)
        scores += [sdr_db(*pair, rate) for pair in zip(true, found, strict=True)]
    means.append(np.nanmean(scores))
    print(f"{name:28}{means[-1]:6.2f} dB")
figure = Figure(figsize=(7, 3.5), layout="constrained")
axes = figure.subplots()
axes.bar_label(axes.barh(list(tricks), means), fmt="%.2f")
axes.set(xlabel="SDR, dB")
axes.invert_yaxis()
figure.savefig("14_test_time_tricks.png", dpi=80)
