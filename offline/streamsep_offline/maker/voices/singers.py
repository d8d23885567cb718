"""Who can sing through WORLD: recorded singers and a voice bank's syllables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from streamsep_offline.maker.notes import SAMPLE_RATE_HZ
from streamsep_offline.maker.studio import Studio, read_audio
from streamsep_offline.maker.voices.world import cached_frames, world


@dataclass(frozen=True)
class Singer:
    """Recordings of one person.

    Attributes:
        folder: Below `voices` in the samples folder.
        patterns: Which files.
        source: Key of `manifest.LICENCES`.
        is_continuous: Whether it is real singing that can be used as it was sung.
        weight: How often to use it.
        longest_s: How much of each file is analysed.
    """

    folder: str
    patterns: tuple[str, ...]
    source: str
    is_continuous: bool
    weight: float = 1.0
    longest_s: float = 60.0


_KUMI = "Hitsuboku Kumi by Cubialpha (cubialpha.wixsite.com/koomstar)"
_LOOPS = "VocalSet (Wilkins et al.), loops by B. J. Lynskey"
_BERKLEE = "OLPC Berklee Sound Library"
_SMS = "MTG sms-tools-materials"
SINGERS: dict[str, Singer] = {
    "kumi-low": Singer("hitsuboku-kumi", ("A3_*", "D4_*"), _KUMI, False, 2.5),
    "kumi-high": Singer("hitsuboku-kumi", ("A4_*", "D5_*"), _KUMI, False, 1.5),
    "nit-song070": Singer("nit-song070", ("*",), "NIT SONG070 F001", True, 2.0),
    "vocadito-1": Singer("vocadito", ("vocadito_1.*",), "vocadito", True, 2.5),
    "vocadito-10": Singer("vocadito", ("vocadito_10.*",), "vocadito", True, 1.5),
    "vocadito-14": Singer("vocadito", ("vocadito_14.*",), "vocadito", True, 1.5),
    "crazy": Singer("crazy", ("*",), "oatsu-gh, my-singing-voice-database", True, 2.0),
    "sms-female": Singer("sms-tools", ("singing-female*",), _SMS, True, 1.0),
    "sms-soprano": Singer("sms-tools", ("soprano*",), _SMS, False, 0.3),
    "sms-vignesh": Singer("sms-tools", ("vignesh*",), _SMS, True, 1.0),
    "vocalset-female": Singer("vocalset-loops", ("f_*",), _LOOPS, False, 0.8),
    "vocalset-male": Singer("vocalset-loops", ("m_*",), _LOOPS, False, 0.8),
    "berklee-female": Singer("berklee-olpc", ("femalevoice_*",), _BERKLEE, False, 0.6),
    "berklee-male": Singer("berklee-olpc", ("malevoice_*",), _BERKLEE, False, 0.6),
    "vocobox": Singer(
        "vocobox", ("*mono__-*", "*mono_[A-G]*"), "vocobox human-voice-dataset", False
    ),
}
"""Everyone whose singing is at hand."""


def _joined(paths: list[Path], longest_s: float) -> np.ndarray:
    """Recordings one after the other, mono, a tenth of a second apart."""
    gap = np.zeros(SAMPLE_RATE_HZ // 10, np.float32)
    parts = []
    for path in paths:
        audio = read_audio(path).mean(axis=0)[: int(longest_s * SAMPLE_RATE_HZ)]
        parts += [audio / (np.abs(audio).max() + 1e-9), gap]
    return np.concatenate(parts)


def singers_of(studio: Studio) -> dict[str, Singer]:
    """Singers whose recordings are there and belong to the split; none without WORLD."""
    if world() is None:
        return {}
    return {
        name: SINGERS[name]
        for name in studio.allowed("singer", list(SINGERS))
        if studio.files(f"voices/{SINGERS[name].folder}", *SINGERS[name].patterns)
    }


def singer_frames(studio: Studio, name: str) -> np.ndarray:
    """Analysis of a singer; takes seconds the first time, then comes from the cache."""
    singer = SINGERS[name]
    paths = studio.files(f"voices/{singer.folder}", *singer.patterns)
    key = f"singer {name} {singer.longest_s} " + " ".join(
        f"{path.name}:{path.stat().st_size}" for path in paths
    )
    return cached_frames(key, lambda: _joined(paths, singer.longest_s))
