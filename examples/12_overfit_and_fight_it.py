"""Lesson 12: train, watch it overfit, and fight it.

    python examples/12_overfit_and_fight_it.py [--data SONGS] [--songs 2] [--more 8] [--steps 20]
        [--hidden 128] [--only NAME ...]

Trains a small network on a few songs, then again with remedies (--only names them; "all" is all of them), and
looks every few steps how well it does on the songs it learns from and on songs that it has never heard.
Without SONGS they are composed. Draws 12_overfit_and_fight_it.png. For curves worth looking at: --steps 300
and each of the names; what was trained stays in the folder `overfit`, and is not trained again.
"""

import argparse
import dataclasses
import sys
from pathlib import Path

from matplotlib.figure import Figure

from streamsep_offline.augment.chain import make_augment
from streamsep_offline.data.composed import compose_songs
from streamsep_offline.data.excerpts import open_excerpts
from streamsep_offline.training.recipe import read_recipe
from streamsep_offline.training.watch import train_watched

if sys.argv[1:] in (["-h"], ["--help"]):
    sys.exit(__doc__)
REMIX, DECAY = "data.coherent=0", "training.weight_decay=1.0"
VARY = 'augment=[{kind="gain_normal"},{kind="equalise"},{kind="repitch"}]'
REMEDIES = {"nothing": [], "remixing": [REMIX], "augmentation": [VARY], "weight decay": [DECAY]}
REMEDIES |= {"small network": ["model.hidden_size=16"], "more songs": []}
REMEDIES |= {"all": [REMIX, VARY, DECAY]}
parser = argparse.ArgumentParser(add_help=False)
parser.add_argument("--data", type=Path)
parser.add_argument("--songs", type=int, default=2)
parser.add_argument("--more", type=int, default=8)
parser.add_argument("--steps", type=int, default=20)
parser.add_argument("--hidden", type=int, default=128)
parser.add_argument("--only", nargs="+", choices=REMEDIES, default=["nothing", "all"])
args = parser.parse_args()
folder = args.data or compose_songs(Path("composed-more"), train=args.more, valid=2, test=0)
CHANGES = f"""data.targets=["vocals"] data.channels=1 data.seconds=2 data.coherent=1 data.valid_per_track=2
    model.hidden_size={args.hidden} training.stages.0.steps={args.steps} training.batch=4
    training.check_every={max(5, args.steps // 20)}""".split()


def train(name):
    """Curves of a training with that remedy."""
    recipe = read_recipe("tiny", CHANGES + REMEDIES[name])
    augment = make_augment(recipe.augment, recipe.data.targets)
    songs = open_excerpts(folder, "train", recipe.data, augment)
    n_songs = args.more if name in ("more songs", "all") else args.songs
    learned = dataclasses.replace(songs, songs=songs.songs[:n_songs])
    new = open_excerpts(folder, "valid", recipe.data)
    known = dataclasses.replace(new, songs=songs.songs[: args.songs])
    sizes = f"{args.songs}-{args.more}-{args.steps}-{args.hidden}"
    place = Path("overfit") / f"{folder.name}-{sizes}-{name}"
    return train_watched(recipe, learned, {"new": new, "known": known}, place)[1]


figure = Figure(figsize=(7, 4.5), layout="constrained")
axes = figure.subplots()
print("loss in dB, lower is better:    known songs   new songs   at best   at step")
for i, name in enumerate(args.only):
    curves = train(name)
    best = min(curves["new"])
    at_step = curves["step"][curves["new"].index(best)]
    print(f"{name:28}{curves['known'][-1]:14.2f}{curves['new'][-1]:12.2f}{best:10.2f}{at_step:10}")
    axes.plot(curves["step"], curves["known"], f"C{i}--", linewidth=1)
    axes.plot(curves["step"], curves["new"], f"C{i}", label=name)
axes.set(xlabel="step", ylabel="loss, dB", title="dashed: songs it learns from; whole: new songs")
axes.legend()
figure.savefig("12_overfit_and_fight_it.png", dpi=80)
