"""An hour on a real JACK server in real time: gaps, late hops, load and memory, minute by minute.

    cd tests && RIG=1 python -m rig.soak --minutes 60 --report ../docs/measurements/soak.md

A native player (ecasound) loops a song into `LiveSession`, faders move ten times a second, the dry song is
heard for a second in every ten. Beside it, on a server of its own, a do-nothing callback shows what gaps the
machine has by itself. Needs jackd2 and ecasound, and real-time priority.
"""

import argparse
import contextlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
import soundfile

from rig.jack import JackServer, environment, missing
from rig.programs import Program
from streamsep.song import compose
from streamsep_bridge import LiveSession

RATE, PERIOD = 44100, 256


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--preset", default="4stems-stage")
    parser.add_argument("--report", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    absent = missing() or ("" if shutil.which("ecasound") else "ecasound is not installed")
    if absent:
        sys.exit(absent)
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        for name in ("nothing", "live"):  # programs find the one that was started last
            name = f"streamsep-{name}-{os.getpid()}"
            os.environ.update(environment(name))
            server = JackServer(name, Path(folder) / name, RATE, PERIOD, False, True)
            server.start()
            stack.callback(server.stop)
            if "nothing" in name:
                nothing = Program(
                    "nothing.py", 60.0 * arguments.minutes, f"{folder}/sign", "machine"
                )
                stack.enter_context(nothing)
        player = play_for_ever(Path(folder) / "song.wav")
        stack.callback(player.wait)
        stack.callback(player.terminate)  # killed, it would leave the server waiting for it
        began = time.monotonic()
        live = LiveSession(arguments.preset, input="song", output="system")
        stack.enter_context(live)
        start_s = time.monotonic() - began
        rows = watch(live, arguments.minutes)
        peer = nothing.result()
        text = "\n".join(report(live, arguments, start_s, rows, peer)) + "\n"
        sys.stdout.write(text)
        sys.stdout.flush()
        if arguments.report:
            arguments.report.write_text(text)


def play_for_ever(path):
    """A native JACK program that loops a song of ours; without connections of its own."""
    soundfile.write(path, compose(duration_s=60.0).mixture.T, RATE, subtype="PCM_16")
    command = ["ecasound", "-q", "-G:jack,song,notransport", f"-b:{PERIOD}", "-f:f32_le,2,44100"]
    player = subprocess.Popen(
        [*command, "-i", f"audioloop,{path}", "-o", "jack"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(2.0)
    assert player.poll() is None, "ecasound does not run"
    return player


def watch(live, minutes):
    """Move faders, and look every minute; rows of figures."""
    rng, rows = np.random.default_rng(0), []
    here = psutil.Process()
    running = [p for p in here.children() if p.status() != psutil.STATUS_ZOMBIE]
    host = next(p for p in running if "streamsep_bridge.live.host" in p.cmdline())
    cpu, cpu_at = host.cpu_times(), time.monotonic()
    end, n = time.monotonic() + 60.0 * minutes, 0
    next_look = time.monotonic() + 10.0  # all that is loaded late is loaded by then
    while time.monotonic() < end:
        time.sleep(0.1)
        n += 1
        names = tuple(live.stems)
        live.stems[names[n % len(names)]].gain_db = rng.uniform(-20.0, 0.0)
        live.bypass = n % 100 >= 90
        if time.monotonic() >= next_look:
            status, now, used = live.status(), time.monotonic(), host.cpu_times()
            core = (used.user + used.system - cpu.user - cpu.system) / (now - cpu_at)
            memory = [process.memory_info().rss / 1e6 for process in (host, here)]
            rows.append((status, core, *memory))
            cpu, cpu_at, next_look = used, now, now + 60.0
    return rows


def report(live, arguments, start_s, rows, peer):
    """Lines of Markdown."""
    last = rows[-1][0]
    facts, memory = last.facts, np.array([row[2:] for row in rows])
    spread = memory.max(0) - memory.min(0)
    lines = [
        f"# Live for {arguments.minutes:g} minutes",
        "",
        f"`python -m rig.soak --minutes {arguments.minutes:g}`, {time.strftime('%Y-%m-%d')}, "
        f"{os.cpu_count()} cores, {platform.system()}; jackd in real time, asynchronous, dummy driver, ",
        f"{RATE} Hz, periods of {PERIOD}; {facts['preset']} at {facts['profile']}, a song from ecasound, ",
        "faders moved ten times a second.",
        "",
        f"Sound after {start_s:.1f} s, {last.latency_ms:.1f} ms late beside the buffers. "
        f"{last.callbacks} callbacks: {last.xruns} xruns, ",
        f"{last.late_hops} late hops, {last.overloads} longer than their block, {last.restarts} restarts.",
        f"A do-nothing callback beside it: {peer['callbacks']} callbacks, {peer['gaps']} xruns.",
        f"Memory of the audio process stayed within {spread[0]:.2f} MB, of the session's {spread[1]:.2f} MB.",
        "",
        "| minute | xruns | late hops | load p99 | load max | one core | audio MB | session MB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for minute, (status, core, audio_mb, session_mb) in enumerate(rows):
        lines.append(
            f"| {minute} | {status.xruns} | {status.late_hops} | {100 * status.load_p99:.0f} % | "
            f"{100 * status.load_max:.0f} % | {100 * core:.1f} % | {audio_mb:.2f} | {session_mb:.2f} |"
        )
    return lines


if __name__ == "__main__":
    main()
