"""Speech synthesisers as singers: espeak-ng in eight languages, flite's recorded English speakers.

Both are optional system packages. Texts are our own.
"""

from __future__ import annotations

import functools
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from streamsep_offline.maker.studio import Studio, Take, pick, read_audio
from streamsep_offline.maker.voices.world import cached_frames, world

SOURCES = {"espeak-ng": "espeak-ng", "flite": "flite (Carnegie Mellon University)"}
"""Key of `manifest.LICENCES` for each program."""

ESPEAK_VARIANTS = tuple(f"m{k}" for k in range(1, 9)) + tuple(f"f{k}" for k in range(1, 6))
FLITE_VOICES = ("flite-awb", "flite-kal16", "flite-rms", "flite-slt")

_HIGHEST_HZ = {"espeak-ng": 9500.0, "flite": 7000.0}
"""Where the speech ends: the programs' sample rates are 22.05 and 16 kHz."""

_LANGUAGES = {
    "en-us": 0.3, "en-gb": 0.2, "de": 0.1, "es": 0.1, "fr": 0.1, "it": 0.08, "pt": 0.06, "sv": 0.06,
}  # fmt: skip
TEXTS: dict[str, tuple[str, ...]] = {
    "en-us": (
        "walking down the empty street tonight and nobody knows my name",
        "hold me closer while the morning comes, we are running through the summer rain",
        "oh my love you know it is true, dancing in the shadow of the moon",
        "tell me why you had to leave me here, all the lights are fading in the city",
        "yeah yeah yeah come on baby now, give me one more reason to believe",
        "burning like a fire in the night, we can fly above the silver clouds",
    ),
    "en-gb": (
        "take my hand and follow me home, nothing ever stays the same for long",
        "lost inside the story of your heart, somebody save me from this lonely room",
        "the river carries all our broken dreams, sing it loud and never let it go",
        "under blue skies waiting for a sign, every time I close my eyes I see you",
    ),
    "de": (
        "wir gehen heute durch die stille Nacht und keiner fragt wohin",
        "ich habe dich noch nie so sehr vermisst, komm mit mir ans Meer",
        "bleib noch einen Augenblick bei mir, der Morgen ist so weit",
    ),
    "es": (
        "quiero volver a verte en la mañana cuando sale el sol",
        "no me digas nada, solo ven aquí, bailando toda la noche",
        "la luna sabe todo lo que siento por ti",
    ),
    "fr": (
        "je marche seul le long de la rivière et je pense à toi",
        "dis-moi que tu reviens quand le soleil se lève",
    ),
    "it": (
        "cammino da solo sotto la luna piena e penso a te",
        "dimmi che torni quando nasce il sole",
    ),
    "pt": (
        "eu quero ver você de novo quando a noite chegar",
        "o mar levou embora tudo que eu te dei",
    ),
    "sv": ("jag går ensam hem igen genom staden där ljusen brinner", "stanna kvar hos mig i natt"),
}
"""What is said, by language."""


@functools.cache
def _program(name: str) -> str | None:
    return shutil.which(name)


def speakers_of(studio: Studio) -> list[str]:
    """Speakers of the split whose program is installed; none without WORLD."""
    if world() is None:
        return []
    speakers = ESPEAK_VARIANTS if _program("espeak-ng") else ()
    speakers += FLITE_VOICES if _program("flite") else ()
    return studio.allowed("speaker", speakers)


def _program_of(speaker: str) -> str:
    return "flite" if speaker.startswith("flite-") else "espeak-ng"


def choose_speech(take: Take) -> np.ndarray:
    """Analysis of a speaker of the split who says the texts of a language, see `world`."""
    speakers = speakers_of(take.studio)
    # four of flite's are worth as much as thirteen of espeak's: they are built from recordings
    weights = np.array([3.0 if _program_of(name) == "flite" else 1.0 for name in speakers])
    speaker = speakers[int(take.rng.choice(len(speakers), p=weights / weights.sum()))]
    program = _program_of(speaker)
    take.credits.add(take.stem, "speaker", speaker, SOURCES[program])
    language = "en-us" if program == "flite" else pick(take.rng, _LANGUAGES)
    texts = TEXTS["en-us"] + TEXTS["en-gb"] if program == "flite" else TEXTS[language]
    key = f"{program} {speaker} {language} {texts}"
    return cached_frames(key, lambda: _speak(speaker, language, texts), _HIGHEST_HZ[program])


def _speak(speaker: str, language: str, texts: tuple[str, ...]) -> np.ndarray:
    program = _program_of(speaker)
    text = ". ".join(texts)
    with tempfile.TemporaryDirectory() as folder:
        wave = Path(folder) / "speech.wav"
        options = ["-v", f"{language}+{speaker}", "-s", "125", "-w", str(wave), text]
        if program == "flite":
            options = ["-voice", speaker.removeprefix("flite-"), "-t", text, "-o", str(wave)]
        subprocess.run([_program(program), *options], check=True, capture_output=True)
        return read_audio(wave).mean(axis=0)
