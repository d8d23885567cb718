"""Lesson 11: learn one batch by heart. A network that cannot do that has a bug.

    python examples/11_overfit_a_batch.py [--data SONGS] [--steps 40] [--hidden 64] [--rate 0.01]

Trains a small causal Open-Unmix on the same few seconds again and again, once as it should be and three times
with a bug that is common. Beside it the loss of doing nothing and of the ideal ratio mask, which knows the
answer. Without SONGS a few are composed. Draws 11_overfit_a_batch.png.
"""

import argparse
import sys
from pathlib import Path

import torch
from matplotlib.figure import Figure

from streamsep_offline.data.composed import compose_songs
from streamsep_offline.losses.heard import Heard
from streamsep_offline.losses.make import make_loss
from streamsep_offline.training.material import Material
from streamsep_offline.training.recipe import read_recipe
from streamsep_offline.training.run import Run

if sys.argv[1:] in (["-h"], ["--help"]):
    sys.exit(__doc__)
parser = argparse.ArgumentParser(add_help=False)
parser.add_argument("--data", type=Path)
parser.add_argument("--steps", type=int, default=40)
parser.add_argument("--hidden", type=int, default=64)
parser.add_argument("--rate", type=float, default=0.01)
args = parser.parse_args()

folder = args.data or compose_songs(Path("composed"), train=2, valid=1, test=0)
changes = ["data.targets=['vocals']", "data.channels=1", "data.seconds=3", "training.batch=2"]
recipe = read_recipe("tiny", [*changes, f"model.hidden_size={args.hidden}"])
material = Material(Run(Path("overfit"), recipe, folder, Path("overfit")), 1, lambda *_: None)
loss, spec = make_loss(recipe.loss), material.run.spec
batch = tuple(torch.as_tensor(x) for x in material.feed(seed=1).read(0, 0, 1))


def train(bug):
    """The loss of every step."""
    task = material.task(seed=1, is_new=bug != "input not scaled")
    (piece,) = task.pieces(batch, 1)
    optimizer = torch.optim.AdamW(task.parameters(), lr=args.rate)
    if bug == "stems of another mixture":
        piece = (piece[0], piece[1].flip(0))
    losses = []
    for step in range(args.steps):
        torch.manual_seed(step)
        value, _ = task(piece, None)
        if bug != "gradients pile up":
            optimizer.zero_grad()
        value.backward()
        optimizer.step()
        losses.append(value.item())
    return losses


(piece,) = material.task(seed=1, is_new=True).pieces(batch, 1)
shares = piece[1].abs() / (piece[1].abs().sum(dim=1, keepdim=True) + 1e-10)
limits = {"doing nothing": torch.full_like(shares, 1 / shares.shape[1]), "ideal ratio mask": shares}
figure = Figure(figsize=(7, 4), layout="constrained")
axes = figure.subplots()
print("loss in dB: error power against the music, half second by half second; lower is better")
for i, (name, masks) in enumerate(limits.items()):
    value = loss(Heard(*piece, masks * piece[0][:, None], spec.profile, spec.sample_rate)).item()
    axes.axhline(value, color="0.5", linestyle=("--", ":")[i], label=name)
    print(f"{name:26}{value:8.2f}")
for bug in ("none", "input not scaled", "stems of another mixture", "gradients pile up"):
    losses = train(bug)
    axes.plot(losses, label=f"bug: {bug}")
    print(f"bug: {bug:25} first {losses[0]:6.2f}, best {min(losses):6.2f}, last {losses[-1]:6.2f}")
axes.set(xlabel="step", ylabel="loss, dB")
axes.legend(fontsize=8)
figure.savefig("11_overfit_a_batch.png", dpi=80)
