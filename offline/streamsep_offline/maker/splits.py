"""Which ingredient belongs to which list: what is scored was never trained on.

Three disjoint lists: *train*; *select* for early stopping and every choice; *report* for the last
look. An ingredient is a (kind, name): a kit, an instrument, a singer, a drummer. Named ones are in
the table; numbered ones (General MIDI programs, one-shots, snares) and the user's own follow a rule;
everything else is *train*.

What has no identity is shared by all lists: synthesiser patches and synthesised drums, drawn anew
from continuous ranges for every song, and chord progressions.
"""

from __future__ import annotations

import zlib

from streamsep.errors import ParameterError

SPLITS = ("train", "select", "report")
"""Names of the lists."""

_HELD_OUT: dict[str, dict[str, tuple[str, ...]]] = {
    "kit": {"select": ("sonic-pi-acoustic",), "report": ("muldjordkit",)},
    "drummer": {"select": ("drummer8",), "report": ("drummer5", "drummer4", "drummer10")},
    "bass": {"select": ("meatbass-pizz",), "report": ("electric-bass",)},
    "guitar": {"select": ("shinyguitar-mic", "shinyguitar-pickup"), "report": ("green",)},
    "sax": {"report": ("weresax",)},
    "album-song": {"select": ("hydrogen",), "report": ("rubidium",)},
    "singer": {
        "select": ("vocadito-10", "sms-vignesh", "vocalset-male"),
        "report": ("vocadito-14", "crazy", "berklee-female"),
    },
    "sung-notes": {"select": ("berklee-men",), "report": ("berklee-woman",)},
    "speaker": {
        "select": ("m5", "f2", "flite-kal16"),
        "report": ("m3", "f4", "flite-rms"),
    },
    "gm-kit": {"select": ("16",), "report": ("8",)},
}

_EVERY_SIXTH = ("one-shot", "snare", "uzu-hit", "own")
"""Kinds of which each sixth part goes to *select* and to *report*, by a hash of the name."""


def split_of(kind: str, name: str) -> str:
    """The list an ingredient belongs to: "train", "select" or "report".

    Args:
        kind: "kit", "singer", "gm-program", ...
        name: Which one.
    """
    if kind == "gm-program":
        return {1: "select", 3: "report"}.get(int(name) % 8, "train")
    if kind in _EVERY_SIXTH:
        return {4: "select", 5: "report"}.get(zlib.crc32(name.encode()) % 6, "train")
    for split, names in _HELD_OUT.get(kind, {}).items():
        if name in names:
            return split
    return "train"


def identity(kind: str, name: str, source: str) -> tuple[str, str] | None:
    """What of an ingredient of a manifest belongs to one list alone; None where all may use it.

    Args:
        kind: "kit", "singer", "groove", ...
        name: Which one; of a performance it begins with the drummer.
        source: Where it comes from.
    """
    if kind in ("groove", "fill") and "__" in name:
        return "drummer", name.split("__")[0]
    is_listed = kind == "gm-program" or kind in _EVERY_SIXTH or kind in _HELD_OUT
    return (kind, name) if is_listed and source != "synthesised" else None


def check_split(split: str) -> str:
    """`split`, if it is one of `SPLITS`.

    Raises:
        ParameterError: it is not.
    """
    if split not in SPLITS:
        raise ParameterError(f"unknown split '{split}'; use one of {', '.join(SPLITS)}")
    return split
