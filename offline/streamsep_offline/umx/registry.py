"""The published Open-Unmix sets: what is in them, where they are, and under which licence.

The eight hexadecimal digits in each file's name are the start of its sha256: the only digest that was
published, and so the pin of every download.

Source: github.com/sigsep/open-unmix-pytorch, openunmix/__init__.py and README (MIT).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from streamsep.errors import ParameterError

_DIGEST = re.compile(r"[-_]([0-9a-f]{8,64})$")
_STEMS = ("vocals", "drums", "bass", "other")


@dataclass(frozen=True)
class ModelSet:
    """A set of networks, one file per target.

    Attributes:
        name: What users type.
        description: One line for people.
        address: Folder on the web that holds the files.
        files: File name of each target, in the order of the stems.
        sample_rate: In Hz.
        n_fft: Samples of the window, a periodic Hann.
        hop: Samples between frames.
        channels: 1 or 2, what the networks see.
        hidden_size: Width of the networks.
        megabytes: Size of the download, rounded.
        licence: Of the weights.
        licence_address: Where it is to be read.
        is_commercial: Whether commercial use is allowed.
    """

    name: str
    description: str
    address: str
    files: Mapping[str, str]
    megabytes: int
    sample_rate: int = 44100
    n_fft: int = 4096
    hop: int = 1024
    channels: int = 2
    hidden_size: int = 512
    licence: str = "MIT"
    licence_address: str = "https://github.com/sigsep/open-unmix-pytorch/blob/master/LICENSE"
    is_commercial: bool = field(default=True)

    @property
    def targets(self) -> tuple[str, ...]:
        """Stems, in order."""
        return tuple(self.files)


def split_digest(stem: str) -> tuple[str, str | None]:
    """Target and published start of the sha256 in a file's stem: "vocals-b62c91ce"; None without."""
    found = _DIGEST.search(stem)
    return (stem, None) if found is None else (stem[: found.start()], found[1])


def find_set(name: str) -> ModelSet:
    """A published set by name.

    Raises:
        ParameterError: There is none of that name.
    """
    if name not in SETS:
        raise ParameterError(f"model set '{name}' is unknown; there are: {', '.join(SETS)}")
    return SETS[name]


def set_of_file(name: str) -> ModelSet | None:
    """The published set that has a file of this name; None where none has."""
    return next((s for s in SETS.values() if name in s.files.values()), None)


def _zenodo(record: int) -> str:
    return f"https://zenodo.org/records/{record}/files"


def _four(*digests: str) -> dict[str, str]:
    return {t: f"{t}-{d}.pth" for t, d in zip(_STEMS, digests, strict=True)}


SETS: dict[str, ModelSet] = {
    s.name: s
    for s in (
        ModelSet(
            name="umxhq",
            description="Open-Unmix trained on MUSDB18-HQ, full bandwidth",
            address=_zenodo(3370489),
            files=_four("b62c91ce", "9619578f", "8d85a5bd", "b52fbbf7"),
            megabytes=142,
        ),
        ModelSet(
            name="umx",
            description="Open-Unmix trained on MUSDB18, limited to 16 kHz",
            address=_zenodo(3370486),
            files=_four("c8df74a5", "5a48008b", "646024d3", "f8e132cc"),
            megabytes=142,
        ),
        ModelSet(
            name="umxl",
            description="Open-Unmix trained on 400 hours of private stems",
            address=_zenodo(5069601),
            files=_four("bccbd9aa", "69e0ebd4", "2ca1ce51", "c8c5b3e6"),
            megabytes=452,
            hidden_size=1024,
            licence="CC BY-NC-SA 4.0",
            licence_address="https://creativecommons.org/licenses/by-nc-sa/4.0/",
            is_commercial=False,
        ),
        ModelSet(
            name="umxse",
            description="Open-Unmix for speech and noise, mono at 16 kHz",
            address=_zenodo(3786908),
            files={"speech": "speech_f5e0d9f9.pth", "noise": "noise_04a6fc2d.pth"},
            megabytes=13,
            sample_rate=16000,
            n_fft=1024,
            hop=512,
            channels=1,
            hidden_size=256,
        ),
    )
}
"""Every published set by name; the default of the seeds, umxl, is not ours: it is non-commercial."""
