"""What a step costs: seconds of music per second, the share of waiting, and the dearest operations."""

from __future__ import annotations

import time

import torch
from lightning_fabric import Fabric
from rich.console import Console
from rich.table import Table

from streamsep_offline.training.feed import read_steps
from streamsep_offline.training.material import Material
from streamsep_offline.training.optimise import make_optimizer

N_STEPS, _WARM_UP, _N_SHOWN = 20, 3, 8


def profile_steps(material: Material, fabric: Fabric, console: Console, workers: int) -> None:
    """Run some steps of the first stage, and print where their time went; nothing is kept.

    Args:
        material: Of the run.
        fabric: Devices and precision.
        console: Where to print.
        workers: Processes that read batches ahead.
    """
    training = material.run.recipe.training
    seed = training.seeds[0]
    feed, task = material.feed(seed), material.task(seed, is_new=True)
    optimizer = make_optimizer(task.groups(), training.stages[0], training)
    module, wrapped = fabric.setup(task, optimizer)
    batches = read_steps(feed, 0, N_STEPS + _WARM_UP, workers=workers)
    wait_s = 0.0

    def step() -> None:
        nonlocal wait_s
        before_s = time.perf_counter()
        batch = fabric.to_device(next(batches))
        wait_s += time.perf_counter() - before_s
        wrapped.zero_grad()
        state = None
        for piece in task.pieces(batch, training.pieces):
            loss, state = module(piece, state)
            fabric.backward(loss)
        wrapped.step()

    for _ in range(_WARM_UP):
        step()
    wait_s, start_s = 0.0, time.perf_counter()
    for _ in range(N_STEPS // 2):
        step()
    took_s = time.perf_counter() - start_s
    speed, waited = feed.seconds * (N_STEPS // 2) / took_s, 100.0 * wait_s / took_s
    console.print(
        f"{speed:.1f} s of music per second on {torch.get_num_threads()} threads, "
        f"{1000 * took_s / (N_STEPS // 2):.0f} ms a step, {waited:.1f} % of it waiting for data"
    )
    with torch.profiler.profile() as profiler:
        for _ in range(N_STEPS - N_STEPS // 2):
            step()
    events = sorted(profiler.key_averages(), key=lambda e: e.self_cpu_time_total, reverse=True)
    total = sum(event.self_cpu_time_total for event in events)
    table = Table("operation", "share of the time", "calls")
    for event in events[:_N_SHOWN]:
        table.add_row(
            event.key, f"{100 * event.self_cpu_time_total / total:.1f} %", str(event.count)
        )
    console.print(table)
