"""What is wrong with a folder of songs: each finding names a file and a remedy."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from streamsep.errors import AudioFileError
from streamsep_offline.data.alignment import Alignment, align
from streamsep_offline.data.inventory import Inventory, beside, with_mixture
from streamsep_offline.data.measure import Measured, measure_file
from streamsep_offline.data.piece import Piece
from streamsep_offline.data.settings import DataSettings
from streamsep_offline.data.song import MIXTURE_NAMES, Song, order_stems

KINDS = {
    "unreadable": "a file is missing, damaged, empty, or has more than two channels",
    "missing": "a song lacks a stem that is asked for, or that most others have",
    "rates": "the files of a song have different rates",
    "length": "a stem is much shorter than the longest of its song",
    "clipped": "flat tops at full scale",
    "silent": "nothing sounds in a whole file",
    "misaligned": "the mixture is not the sum of the stems",
    "duplicate": "the same sound is there twice",
    "leak": "the same sound is in two of train, valid and test",
    "mono": "both sides are the same (a note)",
    "resampled": "a file has another rate than asked for (a note)",
    "unread": "a file beside the stems is not read (a note)",
}
"""What is looked for."""

NOTES = ("mono", "resampled", "unread")
"""Kinds that are worth knowing, and nothing wrong."""

CLIPPED_SHARE = 1e-4
"""Flat tops that a file may have."""

LOSSY_DB, LOSSLESS_DB = -12.0, -30.0
"""Level of mixture minus sum that is allowed: codecs leave their noise in both."""

_SHORTER = 0.1
"""Part of the song that a stem may lack at its end: it is silent there."""

_LOSSLESS = (".wav", ".flac", ".aif", ".aiff", ".w64", ".caf")


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or worth knowing.

    Attributes:
        kind: Of `KINDS`.
        place: The file, or the song.
        told: What it is, and what to do.
        is_fault: Whether something has to be done.
    """

    kind: str
    place: str
    told: str
    is_fault: bool


@dataclass(frozen=True)
class Report:
    """What a check found.

    Attributes:
        stems: Songs that have a stem, and hours of it, by stem; unreadable files count nothing.
        findings: Faults first.
    """

    stems: dict[str, tuple[int, float]]
    findings: list[Finding]


@dataclass(frozen=True)
class Use:
    """Where a file is used: split, song and stem ("mixture" for a mixture)."""

    split: str
    song: str
    stem: str


def check(
    inventory: Inventory,
    settings: DataSettings,
    allowed: tuple[str, ...] = (),
    n_jobs: int = 1,
    advance: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """Look at every file, and at every song that has a mixture of its own.

    Args:
        inventory: What is there.
        settings: `targets` and `sample_rate` count.
        allowed: Kinds that shall be notes.
        n_jobs: Threads.
        advance: Told after every file and song how many of how many are done.
    """
    uses = _uses(inventory)
    mixed = [song for song in map(_mixture_of, inventory.songs) if song is not None]
    total, done = len(uses) + len(mixed), 0
    measured: dict[Piece, Measured | AudioFileError] = {}
    findings: list[tuple[str, str, str]] = []
    with ThreadPoolExecutor(n_jobs) as pool:
        for piece, result in zip(uses, pool.map(_try_measure, uses), strict=True):
            measured[piece] = result
            done += 1
            advance(done, total)
        whole = {p: m for p, m in measured.items() if isinstance(m, Measured)}
        findings += [("unreadable", str(p), str(m)) for p, m in measured.items() if p not in whole]
        findings += _of_files(whole, uses, settings.sample_rate)
        findings += _of_songs(inventory, whole, settings)
        findings += _duplicates(whole, uses)
        readable = [song for song in mixed if all(p in whole for p in _pieces(song))]
        for song, fit in zip(readable, pool.map(_align, readable), strict=True):
            if fit.rest_db > _tolerance_db(song):
                findings.append(("misaligned", *_tell_alignment(song, fit)))
            done += 1
            advance(done, total)
    advance(total, total)
    order = list(KINDS)
    quiet = {*NOTES, *allowed}
    found = [Finding(kind, place, told, kind not in quiet) for kind, place, told in findings]
    found.sort(key=lambda f: (not f.is_fault, order.index(f.kind), f.place))
    return Report(_hours(inventory, whole), found)


def _hours(inventory: Inventory, whole: dict[Piece, Measured]) -> dict[str, tuple[int, float]]:
    hours: dict[str, tuple[int, float]] = {}
    for song, stem in inventory.stems():
        seconds = [
            whole[Piece(piece.path, piece.stream)].seconds
            for piece in song.pieces[stem]
            if Piece(piece.path, piece.stream) in whole
        ]
        n, total = hours.get(stem, (0, 0.0))
        if seconds:
            hours[stem] = (n + 1, total + max(seconds) / 3600.0)
    return {stem: hours[stem] for stem in order_stems(list(hours))}


def _pieces(song: Song) -> list[Piece]:
    """Files of a song, without the signs."""
    pieces = [*song.mixture, *(piece for group in song.pieces.values() for piece in group)]
    return [Piece(piece.path, piece.stream) for piece in pieces]


def _mixture_of(song: Song) -> Song | None:
    if song.prepare is not None:
        song.prepare()
    return with_mixture(song)


def _uses(inventory: Inventory) -> dict[Piece, list[Use]]:
    """Every file with what it is used for."""
    uses: dict[Piece, list[Use]] = defaultdict(list)
    for split, songs in inventory.splits.items():
        for song in songs:
            full = _mixture_of(song) or song
            groups = {"mixture": full.mixture, **song.pieces}
            for stem, pieces in groups.items():
                for piece in pieces:
                    use = Use(split, song.name, stem)
                    if piece.gain > 0.0:
                        uses[Piece(piece.path, piece.stream)].append(use)
    return dict(uses)


def _try_measure(piece: Piece) -> Measured | AudioFileError:
    try:
        return measure_file(piece)
    except AudioFileError as error:
        return error


def _align(song: Song) -> Alignment:
    return align(song, _tolerance_db(song))


def _tolerance_db(song: Song) -> float:
    lossless = all(piece.path.suffix.lower() in _LOSSLESS for piece in _pieces(song))
    return LOSSLESS_DB if lossless else LOSSY_DB


def _of_files(
    whole: dict[Piece, Measured], uses: dict[Piece, list[Use]], rate: int
) -> Iterator[tuple[str, str, str]]:
    for piece, m in whole.items():
        place = str(piece)
        if m.is_silent:
            yield (
                "silent",
                place,
                "is silent; export it again, or --allow silent where it is meant to be",
            )
            continue
        share = m.n_clipped / max(m.seconds * m.sample_rate * m.channels, 1)
        if share > CLIPPED_SHARE:
            told = f"is clipped in {100 * share:.2g} % of its samples; export it at a lower level"
            yield "clipped", place, told
        if m.is_mono and uses[piece][0].stem != "mixture":
            yield "mono", place, "is mono; it is taken as both sides"
        if m.sample_rate != rate:
            told = f"is at {m.sample_rate} Hz; it is resampled to {rate} Hz, once, into the cache"
            yield "resampled", place, told


def _of_songs(
    inventory: Inventory, whole: dict[Piece, Measured], settings: DataSettings
) -> Iterator[tuple[str, str, str]]:
    songs = inventory.songs
    counts = Counter(name for song in songs for name in song.stems)
    wanted = settings.targets or [name for name, n in counts.items() if n > len(songs) / 2]
    for song in songs:
        known = {p: whole[p] for p in _pieces(song) if p in whole}
        folder = next(iter(_pieces(song))).path.parent
        has_rest = any(name not in wanted for name in song.stems)
        for name in [] if inventory.layout.is_loose else wanted:
            is_rest = has_rest and name in ("other", "accompaniment")
            if name not in song.stems and not is_rest:
                told = (
                    f"has no stem '{name}'; add its file, or train with data.missing_stems=silent"
                )
                yield "missing", f"{folder}: song '{song.name}'", told
        rates = sorted({m.sample_rate for m in known.values()})
        if len(rates) > 1:
            told = f"has files at {' and '.join(map(str, rates))} Hz; make them one rate"
            yield "rates", f"{folder}: song '{song.name}'", told
        longest = max((m.seconds for m in known.values()), default=0.0)
        for piece, m in known.items():
            if m.seconds < (1.0 - _SHORTER) * longest:
                told = f"lasts {m.seconds:.1f} s, the song {longest:.1f} s; export it to the end"
                yield "length", str(piece), told
        for name, path in beside(song).items():
            if name not in MIXTURE_NAMES:
                told = "is not read; name it in stems or targets, or choose a trackfolder layout"
                yield "unread", str(path), told


def _duplicates(
    whole: dict[Piece, Measured], uses: dict[Piece, list[Use]]
) -> Iterator[tuple[str, str, str]]:
    groups: dict[tuple[str, bool], list[Piece]] = defaultdict(list)
    for piece, m in whole.items():
        if not m.is_silent:
            groups[m.digest, uses[piece][0].stem == "mixture"].append(piece)
    for (_, _), pieces in groups.items():
        first, *others = pieces
        splits = sorted({use.split for piece in pieces for use in uses[piece]})
        if len(splits) > 1:
            same = f", the same as {others[0]}" if others else ""
            told = f"is in {' and '.join(splits)}{same}; keep it in one of them"
            yield "leak", str(first), told
        elif others:
            told = f"sounds the same as {first}; take one of them away"
            yield from (("duplicate", str(other), told) for other in others)


def _tell_alignment(song: Song, fit: Alignment) -> tuple[str, str]:
    """The file that is at fault, and what to do."""
    level = f"mixture minus sum is at {fit.rest_db:.1f} dB"
    mixture = str(song.mixture[0])
    if fit.lag:
        ms = 1000.0 * abs(fit.lag) / song.sample_rate
        place = str(song.pieces[fit.stem][0]) if fit.stem else mixture
        when, remedy = ("late", "cut") if fit.lag > 0 else ("early", "insert")
        told = f"is {abs(fit.lag)} samples ({ms:.2f} ms) {when}: {level}; {remedy} as many at its start"
        return place, told
    if fit.gain_db:
        told = (
            f"is {abs(fit.gain_db):.1f} dB {'louder' if fit.gain_db > 0 else 'softer'} than the sum"
        )
        return mixture, f"{told} of its stems: {level}; export them at the same level"
    told = f"is not the sum of the stems: {level}; export those of '{song.name}' unprocessed"
    return mixture, told
