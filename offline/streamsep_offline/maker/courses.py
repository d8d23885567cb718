"""The course of a song: the names of its sections in order, and how many bars each has."""

from __future__ import annotations

import itertools

import numpy as np

_FORMS = {
    "rock": (
        "intro verse chorus verse chorus solo chorus outro",
        "intro verse verse chorus break verse chorus solo bridge chorus chorus outro",
        "verse pre-chorus chorus verse pre-chorus chorus bridge solo chorus",
    ),
    "pop": (
        "intro verse pre-chorus chorus verse pre-chorus chorus bridge chorus outro",
        "chorus verse pre-chorus chorus break verse chorus bridge chorus chorus",
        "intro verse chorus break verse chorus solo chorus outro",
    ),
    "metal": (
        "intro verse pre-chorus chorus verse break solo chorus outro",
        "intro intro verse chorus bridge break solo verse chorus outro",
    ),
    "funk": (
        "intro verse chorus verse chorus break solo verse chorus outro",
        "intro verse bridge verse break solo chorus outro",
    ),
    "folk": (
        "intro verse verse chorus solo verse chorus outro",
        "verse chorus verse chorus break verse chorus outro",
    ),
    "ballad": (
        "intro verse chorus verse chorus bridge chorus outro",
        "intro verse verse chorus solo bridge chorus outro",
    ),
    "jazz": (
        "intro verse verse bridge verse solo solo break solo verse outro",
        "verse bridge verse solo break verse outro",
    ),
    "latin": (
        "intro verse chorus break verse chorus solo chorus outro",
        "intro break verse chorus solo break chorus chorus outro",
    ),
    "electronic": (
        "intro verse break pre-chorus chorus verse break pre-chorus chorus outro",
        "intro verse pre-chorus chorus break bridge pre-chorus chorus outro",
        "break intro verse chorus verse break chorus solo outro",
    ),
    "hip-hop": (
        "intro chorus verse chorus verse break chorus outro",
        "intro verse verse chorus break verse bridge chorus outro",
    ),
}
"""The courses that songs of each style take."""

_N_BARS = {
    "intro": (4, 8), "verse": (8, 16), "pre-chorus": (4,), "chorus": (8, 16), "break": (4, 8),
    "solo": (8,), "bridge": (8,), "outro": (4, 8),
}  # fmt: skip

_LONG = ("verse", "chorus", "solo", "bridge")


def course(rng: np.random.Generator, style: str, n_bars: int) -> list[tuple[str, int]]:
    """Names and lengths of sections that fill `n_bars` exactly.

    A short song is either a whole one in few bars or what a radio plays of a long one: some bars
    of a course of full length.
    """
    forms = _FORMS[style]
    names = forms[int(rng.integers(len(forms)))].split()
    full = [(name, int(rng.choice(_N_BARS[name]))) for name in names]
    total = sum(length for _, length in full)
    if total > n_bars and rng.random() < 0.3:
        return _excerpt(rng, full, n_bars)
    while len(full) > max(2.0, n_bars / 2.8):  # drop what can be missed
        spare = [k for k, (name, _) in enumerate(full) if not _is_needed(full, name)]
        full.pop(int(rng.choice(spare)) if spare else 0)
    pairs = _shared(np.array([length for _, length in full], float), max(1, n_bars // 2))
    kept = [(name, 2 * int(n)) for (name, _), n in zip(full, pairs, strict=True) if n > 0]
    if n_bars % 2:  # phrases are two bars long: the odd one is a break, or the end
        place = len(kept) - 1 if rng.random() < 0.5 else 0
        if place > 0 and kept[place][0] == "chorus":
            kept.insert(place, ("break", 1))
        else:
            kept[-1] = (kept[-1][0], kept[-1][1] + (1 if n_bars > 1 else -1))
    return [piece for name, n in kept for piece in _pieces(name, n)]


def _shared(wanted: np.ndarray, total: int) -> np.ndarray:
    """Whole numbers in the proportions of `wanted`, at least 1 as far as it goes, of sum `total`."""
    scaled = wanted * total / wanted.sum()
    shares = np.maximum(1, np.round(scaled)).astype(int)
    while shares.sum() > total:
        shares[int(np.argmax(shares - scaled + 0.1 * (shares > 1)))] -= 1
    while shares.sum() < total:
        shares[int(np.argmin(shares - scaled))] += 1
    return shares


def _is_needed(sections: list[tuple[str, int]], name: str) -> bool:
    """Whether a section is the last verse or the last chorus that is left."""
    return name in ("verse", "chorus") and sum(n == name for n, _ in sections) == 1


def _pieces(name: str, n_bars: int) -> list[tuple[str, int]]:
    """A section longer than sixteen bars becomes several."""
    n_pieces = -(-n_bars // 16)
    edges = [round(n_bars * k / n_pieces) for k in range(n_pieces + 1)]
    return [(name, b - a) for a, b in itertools.pairwise(edges)]


def _excerpt(
    rng: np.random.Generator, full: list[tuple[str, int]], n_bars: int
) -> list[tuple[str, int]]:
    """`n_bars` bars of a long song, from half-way through a section on."""
    longest = max(2, n_bars // 4)  # what leads somewhere must not be all that is heard
    short = [(name, length if name in _LONG else min(length, longest)) for name, length in full]
    full = short if sum(length for _, length in short) >= n_bars else full
    bars = [name for name, length in full for name in [name] * length]
    borders = np.cumsum([0] + [length for _, length in full[:-1]])
    latest = len(bars) - n_bars
    starts = [b for b in (borders - 2 * int(rng.integers(0, 3))) if 0 <= b <= latest]
    start = int(rng.choice(starts)) if starts else int(rng.integers(latest + 1))
    window = bars[start : start + n_bars]
    pieces: list[tuple[str, int]] = []
    for name in window:
        if pieces and pieces[-1][0] == name and pieces[-1][1] < 8:
            pieces[-1] = (name, pieces[-1][1] + 1)
        else:
            pieces.append((name, 1))
    return pieces
