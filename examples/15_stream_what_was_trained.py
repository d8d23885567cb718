"""Lesson 15: train, export, and stream what was trained, block by block.

    python examples/15_stream_what_was_trained.py [--data SONGS] [--steps 20] [--block 512] [--engine torch]

Does what `streamsep train`, `export` and `stream` do: trains the recipe `tiny`, writes the model folder
`first-model`, and drives it as a sound card would. Shows that the stream gives what the whole song at once
gives, only later, and how to play it live. SONGS is a folder of songs with stems; without it a few are
composed. For stems worth hearing: --steps 300. --engine compiled is what `streamsep live` takes.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch

from streamsep import Separator
from streamsep.commands.main import main
from streamsep.model import load_model
from streamsep.scores import score_stems
from streamsep.stft import Synthesis
from streamsep_offline.data.composed import compose_songs
from streamsep_offline.data.excerpts import open_songs
from streamsep_offline.training.run import best_task, read_run

if sys.argv[1:] in (["-h"], ["--help"]):
    sys.exit(__doc__)
parser = argparse.ArgumentParser(add_help=False)
parser.add_argument("--data", type=Path)
parser.add_argument("--steps", type=int, default=20)
parser.add_argument("--block", type=int, default=512)
parser.add_argument("--engine", choices=("torch", "compiled"), default="torch")
args = parser.parse_args()

folder = args.data or compose_songs(Path("composed"), train=2, valid=1, test=1)
run = Path("runs") / f"first-{args.steps}"
command = ["train", "tiny", "--data", str(folder), "-o", str(run)]
for change in (f"stages.0.steps={args.steps}", "check_every=10", "batch=2"):
    command += ["--set", f"training.{change}"]
if main([*command, "--set", "data.targets=['vocals']", "--set", "data.seconds=2"]):
    sys.exit("the training did not end well")
main(["export", str(run), "-o", "first-model", "--force"])

song = open_songs(folder, "test", read_run(run).recipe.data)[0]
references, rate = song.read(0.0, 10.0)
mixture = references.sum(axis=0)
separator = Separator(
    load_model("first-model"), sample_rate=rate, engine=args.engine, block_size=args.block
)
begin_s, out = time.perf_counter(), []
for start in range(0, mixture.shape[1] - args.block + 1, args.block):
    out.append(separator.process(mixture[:, start : start + args.block]))
took_s = time.perf_counter() - begin_s
streamed = np.concatenate([*out, separator.flush()], axis=-1)[..., separator.latency_samples :]

# The whole song at once, by the network as it was trained.
task, _, _ = best_task(read_run(run))
with torch.inference_mode():
    audio = torch.from_numpy(mixture)[None]
    ((x, _),) = task.pieces((audio, audio[:, None]), 1)
    masks, _ = task.network.eval().step(x, task.network.init_state(1))
    synthesis = Synthesis(task.spec.profile)
    whole = synthesis.offline(masks * x[:, None])[0, ..., synthesis.latency_samples :].numpy()
n = min(whole.shape[-1], streamed.shape[-1])
print(f"stream against whole song: {np.abs(streamed[..., :n] - whole[..., :n]).max():.1e} at most")
print(f"latency: {separator.latency_samples} samples, {separator.latency_ms:.1f} ms")
print(f"{10.0 / took_s:.0f} x real time with the engine {args.engine}, on this machine, now")
n = streamed.shape[-1]
for one in score_stems(separator.stems, references[..., :n], streamed, rate):
    print(
        f"{one.stem:8}{one.nothing_db:7.2f} dB -> {one.estimate_db:.2f} (ideal {one.ideal_db:.2f})"
    )
print(
    "play it: streamsep live --preset ./first-model    (or: streamsep stream SONG --preset ./first-model)"
)
