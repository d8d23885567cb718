"""What a step costs: seconds of music per second, the share of waiting, and the dearest operations."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Callable

import torch
from lightning_fabric import Fabric
from rich.console import Console
from rich.table import Table

from streamsep_offline.training.feed import read_steps
from streamsep_offline.training.material import Material
from streamsep_offline.training.stage_run import StageRun

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
    run = StageRun(task, training.stages[0], training, seed, fabric, norms=[], kept=None)
    batches = read_steps(
        feed,
        0,
        N_STEPS + _WARM_UP,
        rank=fabric.global_rank,
        world=fabric.world_size,
        accumulate=training.accumulate,
        workers=workers,
    )
    numbers = itertools.count()

    def step() -> float:
        """A step as training takes it; seconds of waiting for its batch."""
        number = next(numbers)
        return run.step(number, number, batches).wait_s

    with contextlib.ExitStack() as stack:
        for maker in material.makers() if fabric.is_global_zero else []:
            stack.callback(maker.close)
            maker.resumed(0)
        _measure(step, feed.seconds, console)


def _measure(step: Callable[[], float], seconds: float, console: Console) -> None:
    for _ in range(_WARM_UP):
        step()
    start_s = time.perf_counter()
    wait_s = sum(step() for _ in range(N_STEPS // 2))
    took_s = time.perf_counter() - start_s
    speed, waited = seconds * (N_STEPS // 2) / took_s, 100.0 * wait_s / took_s
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
