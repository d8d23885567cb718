"""`streamsep latency`: the round trip of the sound, measured, and what each profile makes of it."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from streamsep.commands import Command
from streamsep.commands.options import positive_int
from streamsep.errors import StreamsepError

if TYPE_CHECKING:
    from rich.table import Table

    from streamsep_bridge.audio.loopback import LoopMeasurement

RUNS = 5


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--in", dest="input", metavar="DEV", help="a part of its name, or its number"
    )
    parser.add_argument("--out", dest="output", metavar="DEV", help="the same")
    parser.add_argument(
        "--rate", type=positive_int, metavar="HZ", help="sample rate (the output's)"
    )
    parser.add_argument(
        "--block",
        type=positive_int,
        default=0,
        metavar="N",
        help="samples per callback (the device's own, which adds no delay)",
    )
    parser.add_argument(
        "--channel",
        type=positive_int,
        default=1,
        metavar="N",
        help="of output and input, where the cable is (%(default)s)",
    )
    parser.add_argument(
        "--level", type=float, default=-20.0, metavar="DB", help="of the click (%(default)s)"
    )
    parser.add_argument(
        "--runs", type=positive_int, default=RUNS, metavar="N", help="how often (%(default)s)"
    )
    parser.add_argument(
        "--profile",
        action="append",
        metavar="NAME",
        help="studio, stage, tight or instant; more than once for several (all)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")


def _run(arguments: argparse.Namespace) -> int:
    from streamsep.spec import PROFILES, find_profile

    # A wrong name is told before anybody hears a click.
    profiles = [find_profile(name).name for name in arguments.profile or PROFILES]
    from streamsep_bridge.audio.loopback import measure_loop

    measured = measure_loop(
        arguments.input,
        arguments.output,
        sample_rate=arguments.rate,
        block_size=arguments.block,
        channel=arguments.channel,
        level_db=arguments.level,
        runs=arguments.runs,
    )
    rows = [describe_profile(name, measured) for name in profiles]
    if arguments.json:
        import json

        sys.stdout.write(json.dumps(describe_loop(measured) | {"profiles": rows}, indent=2) + "\n")
        return 0
    from streamsep.commands.console import make_console

    console = make_console(is_quiet=False, to_stderr=False)
    block = (
        "blocks that vary" if measured.block_size is None else f"blocks of {measured.block_size}"
    )
    console.print(
        f"{measured.output} to {measured.input} ({measured.api}), channel {measured.channel}, "
        f"{measured.sample_rate} Hz, {block}",
        soft_wrap=True,
    )
    console.print(make_loop_table(measured))
    console.print(make_profile_table(rows))
    for line in measured.remedies:
        console.print(line, soft_wrap=True)
    return 0


def describe_loop(measured: LoopMeasurement) -> dict[str, Any]:
    """The measurement as JSON has it: counts in samples, times in ms."""
    declared = measured.declared_samples
    return {
        "input": measured.input,
        "output": measured.output,
        "api": measured.api,
        "sample_rate": measured.sample_rate,
        "block_size": measured.block_size,
        "channel": measured.channel,
        "level_db": measured.level_db,
        "runs_samples": list(measured.delays),
        "min_samples": min(measured.delays),
        "median_samples": measured.median_samples,
        "max_samples": max(measured.delays),
        "median_ms": round(measured.to_ms(measured.median_samples), 3),
        "declared_samples": declared,
        "difference_samples": None if declared is None else measured.median_samples - declared,
        "is_inverted": measured.is_inverted,
        "is_clipped": measured.is_clipped,
        "n_repeated": measured.n_repeated,
        "remedies": list(measured.remedies),
    }


def describe_profile(name: str, measured: LoopMeasurement) -> dict[str, Any]:
    """What a profile adds to the loop, with the model in the callback, and the presets that have it."""
    algorithm = algorithm_samples(name, measured.sample_rate, measured.block_size)
    total = algorithm + measured.median_samples
    return {
        "profile": name,
        "presets": presets_of(name),
        "algorithm_samples": algorithm,
        "algorithm_ms": round(measured.to_ms(algorithm), 3),
        "total_samples": total,
        "total_ms": round(measured.to_ms(total), 3),
    }


def algorithm_samples(profile: str, sample_rate: int, block_size: int | None) -> int:
    """The algorithm's delay in host samples, as a live session with the model in the callback has it.

    Args:
        profile: Its name.
        sample_rate: Of the host, in Hz.
        block_size: Of the callbacks; None where they vary.
    """
    from streamsep.engine.latency import stream_latency_samples
    from streamsep.resample import StreamingResampler, nearest_rate
    from streamsep.spec import NATIVE_RATES, find_profile

    rate = nearest_rate(sample_rate, NATIVE_RATES)
    if rate == sample_rate:
        return stream_latency_samples(find_profile(profile), block_size, None, None)
    into, back = StreamingResampler(sample_rate, rate, 1), StreamingResampler(rate, sample_rate, 1)
    return stream_latency_samples(find_profile(profile), block_size, into, back)


def presets_of(profile: str) -> list[str]:
    """Names of the presets that stream at a profile."""
    from streamsep.presets import find_preset, preset_files

    names = []
    for name, path in sorted(preset_files().items()):
        try:
            preset = find_preset(str(path))
            is_offline = preset.load().is_offline
        except StreamsepError:
            continue  # `streamsep models` says what is wrong with it
        if profile in preset.profiles and not is_offline:
            names.append(name)
    return names


def make_loop_table(measured: LoopMeasurement) -> Table:
    """Measured beside declared, one figure a line."""
    from rich.table import Table

    table = Table()
    for heading, justify in (("round trip", "left"), ("samples", "right"), ("ms", "right")):
        table.add_column(heading, justify=justify)
    figures = [
        (f"measured, least of {len(measured.delays)}", min(measured.delays)),
        ("measured, median", measured.median_samples),
        ("measured, most", max(measured.delays)),
    ]
    declared = measured.declared_samples
    if declared is not None:
        figures.append(("declared by the driver", declared))
        figures.append(("difference", measured.median_samples - declared))
    for name, samples in figures:
        table.add_row(name, str(samples), f"{measured.to_ms(samples):.2f}")
    if declared is None:
        table.add_row("declared by the driver", "-", "nonsense")
    if measured.n_repeated:
        table.add_row("attempts repeated after an xrun", str(measured.n_repeated), "")
    if measured.is_inverted:
        table.add_row("polarity", "", "inverted")
    return table


def make_profile_table(rows: list[dict[str, Any]]) -> Table:
    """What a listener waits for, by profile."""
    from rich.table import Table

    table = Table()
    for heading in ("profile", "algorithm", "with the loop", "presets"):
        table.add_column(heading, justify="left" if heading in ("profile", "presets") else "right")
    for row in rows:
        table.add_row(
            row["profile"],
            f"{row['algorithm_ms']:.2f} ms",
            f"{row['total_ms']:.2f} ms",
            ", ".join(row["presets"]),
        )
    return table


command = Command(
    name="latency",
    help="measure the round trip through a cable or a JACK loop, and compare it with what is declared",
    example="streamsep latency --in system --out system",
    add_arguments=_add_arguments,
    run=_run,
)
