"""Lesson 13: what window and latency cost, by masks that know the answer.

    python examples/13_what_latency_costs.py [--data SONGS] [--songs 1] [--seconds 10] [--kinds irm psm]

SDR in dB, mean over songs and stems, of ideal masks at each profile of streamsep (a long look back, a short
window that comes out) and at windows of the same delay that are as short on both sides. SONGS is a folder of
songs with stems; without it one is composed. Draws 13_what_latency_costs.png. See also
`streamsep oracle --ladder`.
"""

import argparse
import sys
from itertools import islice
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from streamsep.scores import sdr_db
from streamsep.spec import PROFILES, Profile
from streamsep.units import samples_to_ms
from streamsep_offline.data.composed import compose_songs
from streamsep_offline.data.song import find_songs
from streamsep_offline.evaluation.oracle import KINDS, OracleMethod

if sys.argv[1:] in (["-h"], ["--help"]):
    sys.exit(__doc__)
parser = argparse.ArgumentParser(add_help=False)
parser.add_argument("--data", type=Path)
parser.add_argument("--songs", type=int, default=1)
parser.add_argument("--seconds", type=float, default=10.0)
parser.add_argument("--kinds", nargs="+", choices=KINDS, default=["irm", "psm"])
args = parser.parse_args()

folder = args.data or compose_songs(Path("composed"), train=0, valid=0, test=args.songs)
songs = []
for song in islice(find_songs(folder), args.songs):
    middle_s = max(0.0, song.n_samples / song.sample_rate - args.seconds) / 2
    songs.append(song.read(middle_s, args.seconds))


def mean_sdr_db(method):
    """Over all stems that sound."""
    scores = []
    for stems, rate in songs:
        pairs = zip(stems, method.stems(stems), strict=True)
        scores += [sdr_db(true, found, rate) for true, found in pairs]
    return np.nanmean(scores)


ladder = list(PROFILES.values())
short = [Profile("short", p.synthesis_length, p.synthesis_length, p.hop) for p in ladder[1:]]
figure = Figure(figsize=(7, 4), layout="constrained")
axes = figure.subplots()
print(f"doing nothing: {mean_sdr_db(OracleMethod('mixture', ladder[0])):.2f} dB")
print(f"{'profile':9}{'analysis':>9}{'synthesis':>10}{'hop':>6}{'delay ms':>10}", end="")
print("".join(f"{kind:>8}" for kind in args.kinds))
for style, profiles in (("o-", ladder), ("s--", [ladder[0], *short])):
    table = []
    for p in profiles:
        table.append([mean_sdr_db(OracleMethod(kind, p)) for kind in args.kinds])
        delay_ms = samples_to_ms(p.latency_samples(), songs[0][1])
        print(f"{p.name:9}{p.n_fft:9}{p.synthesis_length:10}{p.hop:6}{delay_ms:10.1f}", end="")
        print("".join(f"{one:8.2f}" for one in table[-1]))
    delays_ms = [samples_to_ms(p.latency_samples(), songs[0][1]) for p in profiles]
    for i, (kind, scores) in enumerate(zip(args.kinds, zip(*table, strict=True), strict=True)):
        name = f"{kind}, {'long look back' if style == 'o-' else 'as short on both sides'}"
        axes.semilogx(delays_ms, scores, f"C{i}{style}", label=name)
axes.set(xlabel="delay, ms", ylabel="SDR, dB", xticks=delays_ms)
axes.set_xticklabels([f"{one:.0f}" for one in delays_ms])
axes.minorticks_off()
axes.legend()
figure.savefig("13_what_latency_costs.png", dpi=80)
