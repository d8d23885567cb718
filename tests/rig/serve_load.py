"""Real-time clients of `streamsep serve`, and how late their stems are.

    python -m rig.serve_load --clients 50 --seconds 600        (in tests/)

Each sends a block of sound whenever one would have been played, and expects its stems a reserve later. The
server is a process of its own; all clients are another.
"""

import argparse
import asyncio
import contextlib
import gc
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np

from serve_client import Stream, delays_s
from signals import music

COMMAND = [
    sys.executable,
    "-c",
    "from streamsep.commands.main import main; raise SystemExit(main())",
]
RESERVE_S = 0.08
"""As the page keeps: stems that come later than a block and this are a gap."""

SONG_S = 8.0


class Listener(Stream):
    """A client that looks at the positions only."""

    def _take(self, message):
        position = int.from_bytes(message[:8], "little")
        assert position == self.n, "stems come without a gap"
        self.n += (len(message) - 8) // (8 * len(self.heard.ready["stems"]))
        self.arrivals.append((self.n, time.monotonic()))


async def listen(url, song, seconds, block, offset_s):
    """One client; delays of its blocks in s, frames missing at the end, when each block was sent."""
    sent, n_frames = [], song.shape[1]
    async with Listener(url, {"ping_interval": None}, block=block) as stream:
        assert stream.heard.ready["type"] == "ready", stream.heard.ready
        reading = asyncio.ensure_future(stream.read())
        start_s = time.monotonic() + offset_s
        for k in range(round(seconds * 44100 / block)):
            await asyncio.sleep(max(0.0, start_s + k * block / 44100 - time.monotonic()))
            at = k * block % (n_frames - block)
            await stream.send(song[:, at : at + block])
            sent.append(((k + 1) * block, time.monotonic()))
        await stream.order({"type": "end"})
        heard = await asyncio.wait_for(reading, 60.0)
    due = sent[-1][0] + heard.ready["latency_samples"]
    return delays_s(sent, stream.arrivals), due - stream.n, [at for _, at in sent]


@contextlib.contextmanager
def serving(n_streams, *options):
    """A server of its own; its URL and process id."""
    limits = ["--streams", str(n_streams), "--per-address", str(2 * n_streams + 8)]
    command = [*COMMAND, "serve", "--port", "0", "--json", *limits, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield json.loads(process.stdout.readline())["url"], process.pid
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)
            process.kill()


def processor_s(pid):
    """Seconds of processor that a process has used."""
    user, system = Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def stolen_s():
    """Seconds that the host has taken from this machine's processors."""
    stolen = int(Path("/proc/stat").read_text().split("\n", 1)[0].split()[8])
    return stolen / os.sysconf("SC_CLK_TCK")


def run(n_clients, seconds, block, *options):
    """Figures of a run, JSON values."""
    song = music(SONG_S, seed=4)

    async def all_of(url):
        # They come one after the other, and their blocks spread over a block's length.
        starts = [block / 44100 * k / n_clients for k in range(n_clients)]
        clients = (listen(url, song, seconds, block, start) for start in starts)
        return await asyncio.gather(*clients)

    with serving(n_clients, *options) as (url, pid):
        before_s, stolen_before_s = processor_s(pid), stolen_s()
        gc.disable()  # the clients' own collections are not the server's lateness
        start_s = time.monotonic()
        found = asyncio.run(all_of(url))
        with urllib.request.urlopen(url + "metrics") as answer:
            metrics = answer.read().decode()
        used_s, taken_s = processor_s(pid) - before_s, stolen_s() - stolen_before_s
    every_s = np.concatenate([delays for delays, _, _ in found])
    sent_s = np.concatenate([at[: len(delays)] for delays, _, at in found]) - start_s
    is_late = every_s > block / 44100 + RESERVE_S
    p50, p99, p999 = 1e3 * np.percentile(every_s, (50, 99, 99.9))

    def count(name):
        return float(re.search(rf"^{name} (\S+)", metrics, re.MULTILINE)[1])

    return {
        "clients": n_clients,
        "seconds": seconds,
        "block": block,
        "blocks": len(every_s),
        "missing_frames": int(sum(missing for _, missing, _ in found)),
        "late_for_the_reserve": int(is_late.sum()),
        "late_in_seconds": sorted({int(at) for at in sent_s[is_late]}),
        "late_by_a_block": int(count("streamsep_late_blocks_total")),
        "p50_ms": round(float(p50), 1),
        "p99_ms": round(float(p99), 1),
        "p999_ms": round(float(p999), 1),
        "max_ms": round(1e3 * float(every_s.max()), 1),
        "runner_busy": round(count("streamsep_busy_seconds_total") / seconds, 3),
        "server_cores": round(used_s / seconds, 3),
        "stolen_s": round(taken_s, 2),
        "load_average": os.getloadavg()[0],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--block", type=int, default=512)
    arguments, options = parser.parse_known_args()  # what else there is goes to the server
    figures = run(arguments.clients, arguments.seconds, arguments.block, *options)
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
