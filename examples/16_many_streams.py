"""A studio for many: several songs at once through one model, each client with faders of its own.

    python examples/16_many_streams.py         (8 streams)
    python examples/16_many_streams.py 24

Clients come one after the other and bring blocks of any size. One thread runs the hops of all that are due;
every client reads its own mix. Nothing is played: what is told is how late the hops were.
"""

import sys
import threading
import time

import numpy as np

from streamsep import StreamBatch
from streamsep.song import compose

if sys.argv[1:] in (["-h"], ["--help"]):
    sys.exit(__doc__)

N_STREAMS, DURATION_S, RATE = int(sys.argv[1]) if sys.argv[1:] else 8, 3.0, 44100


def run_rounds(batch, stop):
    """The only thread that separates: whatever is due, all at once."""
    while not stop.is_set():
        if not batch.run():
            time.sleep(0.001)


def perform(stream, song, block, heard):
    """A client: a block in, a mix out, in real time; half-way through, the second stem fades away."""
    start_s, at = time.monotonic(), 0
    while at < song.shape[1]:
        time.sleep(max(0.002, start_s + at / RATE - time.monotonic()))
        at += stream.write(song[:, at : at + block])  # less than a block when the queue is full
        if at > song.shape[1] // 2 and stream.gains is None:
            stream.gains = np.array([1.0, 0.0, 1.0, 1.0])
        heard.append(stream.mix())
    stream.leave()


song = compose(duration_s=DURATION_S, seed=5).mixture
with StreamBatch.from_preset("classic", capacity=N_STREAMS) as batch:
    stop, heard = threading.Event(), [[] for _ in range(N_STREAMS)]
    runner = threading.Thread(target=run_rounds, args=(batch, stop))
    runner.start()
    clients = []
    for i in range(N_STREAMS):
        turned = np.roll(song, 9000 * i, axis=1)
        client = (batch.join(), turned, 256 + 100 * i, heard[i])
        clients.append(threading.Thread(target=perform, args=client))
        clients[-1].start()
        time.sleep(0.02)
    for client in clients:
        client.join()
    stop.set()
    runner.join()
    for i, parts in enumerate(heard):
        mix = np.concatenate(parts, axis=1)
        level_db = 20.0 * np.log10(np.sqrt(np.mean(mix**2)) + 1e-9)
        print(f"stream {i + 1}: {mix.shape[1] / RATE:.2f} s heard at {level_db:.1f} dBFS")
    print(f"{batch.n_late} hops were later than a hop ({1000 * batch.spec.hop_s:.1f} ms)")
