"""What went into a song: every ingredient, where it comes from and under which licence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

LICENCES: dict[str, str] = {
    "Software-Entwicklungskit, Everything is Free": "CC0 1.0",
    "mdn/webaudio-examples multitrack": "CC0 1.0",
    "vocobox human-voice-dataset": "MIT",
    "vocadito": "CC BY 4.0",
    "Discord-SFZ-GM-Bank": "CC0 / CC BY",
    "Alexander Holm, Salamander Grand Piano": "CC BY 3.0",
    "Sonic Pi samples": "CC0 1.0",
    "Hitsuboku Kumi by Cubialpha (cubialpha.wixsite.com/koomstar)": "voice bank's terms of use",
    "NIT SONG070 F001": "CC BY 3.0",
    "oatsu-gh, my-singing-voice-database": "MIT",
    "MTG sms-tools-materials": "CC BY 4.0",
    "OLPC Berklee Sound Library": "CC BY 3.0",
    "VocalSet (Wilkins et al.), loops by B. J. Lynskey": "CC BY 4.0",
    "DrumGizmo MuldjordKit": "CC BY 4.0",
    "Karoryfer": "CC0 1.0",
    "sfzinstruments body_percussion": "CC0 1.0",
    "uzu-drumkit": "Unlicense",
    "Groove MIDI Dataset (Google)": "CC BY 4.0",
    "FluidR3 GM sound font (Frank Wen)": "MIT",
    "espeak-ng": "GPL 3.0 (program; its speech is unrestricted)",
    "flite (Carnegie Mellon University)": "BSD-like (program and voices)",
    "synthesised": "none needed",
    "your own samples": "yours to know",
}
"""Licence of each source that a song may name."""


@dataclass
class Credits:
    """Ingredients of one song, in the order of their use, each once."""

    ingredients: list[dict[str, str]] = field(default_factory=list)

    def add(self, stem: str, kind: str, name: str, source: str) -> None:
        """Note one ingredient.

        Args:
            stem: "vocals", "drums", "bass", "piano" or "other".
            kind: "kit", "singer", ...
            name: Which one.
            source: A key of `LICENCES`.
        """
        entry = {
            "stem": stem,
            "kind": kind,
            "name": name,
            "source": source,
            "licence": LICENCES[source],
        }
        if entry not in self.ingredients:
            self.ingredients.append(entry)

    def as_manifest(self, **facts: Any) -> dict[str, Any]:
        """A JSON value: `facts` about the song, then its ingredients."""
        return {**facts, "ingredients": self.ingredients}
