"""Trains twice: once in peace, once killed with SIGKILL some times at random moments and resumed.

Arguments: folder of songs, folder to write to, how many times.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

import torch
from lightning_fabric import Fabric

from streamsep.spec import PROFILES, StreamSpec
from streamsep_offline.data.excerpts import DataSettings, open_excerpts
from streamsep_offline.losses.make import make_loss
from streamsep_offline.training.excerpt_feed import ExcerptFeed
from streamsep_offline.training.log import RunLog
from streamsep_offline.training.loop import Loop
from streamsep_offline.training.settings import Stage, Training
from streamsep_offline.training.tasks.open_unmix import OpenUnmixDesign, OpenUnmixTask

TRAINING = Training((Stage(25, 3e-3), Stage(15, 1e-3)), batch=2, check_every=4, average=0.9)


def train(songs, folder):
    torch.set_num_threads(1)
    excerpts = open_excerpts(
        songs, "train", DataSettings(seconds=0.5, examples=6, choose="uniform")
    )
    feed = ExcerptFeed([excerpts], [1.0], [excerpts], batch=2, seed=1)
    spec = StreamSpec(PROFILES["stage"], 44100, 2, excerpts.stems)
    design = OpenUnmixDesign("open_unmix", hidden_size=8, layers=2, statistics=0)
    task = OpenUnmixTask(design, spec, make_loss({"kind": "complex_l1"}), seed=1)
    log = RunLog(folder)
    Loop(task, feed, TRAINING, 1, folder, log, Fabric(accelerator="cpu", devices=1)).run()
    log.close()


def main(songs, root, n_kills):
    torch.set_num_threads(1)
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        train(songs, root / "whole")
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    took = time.monotonic() - start
    rng, n_killed = random.Random(1), 0
    while True:
        child = os.fork()
        if child == 0:
            train(songs, root / "killed")
            os._exit(0)
        if n_killed == n_kills:
            break
        # Between before the first checkpoint and most of the way, so that some kills come to nothing.
        time.sleep(rng.uniform(0.05, 0.3) * took)
        os.kill(child, signal.SIGKILL)
        if os.WIFSIGNALED(os.waitpid(child, 0)[1]):
            n_killed += 1
    assert os.waitpid(child, 0)[1] == 0
    (root / "n_killed").write_text(str(n_killed))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
