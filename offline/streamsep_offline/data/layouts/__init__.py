"""Layouts: the ways in which songs lie in a folder, one file each."""

from __future__ import annotations

from pathlib import Path

from streamsep.errors import AudioFileError
from streamsep_offline.data.layouts import (
    aligned,
    made,
    musdb,
    sources,
    spleeter,
    stems,
    tracks,
)
from streamsep_offline.data.layouts.layout import Layout
from streamsep_offline.tables import check_known

LAYOUTS: dict[str, Layout] = {
    layout.name: layout
    for layout in (
        spleeter.layout,
        musdb.layout,
        sources.layout,
        stems.layout,
        aligned.layout,
        tracks.same,
        tracks.varying,
        made.layout,
    )
}
"""By name; "auto" takes the first that fits."""


def find_layout(name: str, folder: Path) -> Layout:
    """The layout of a name.

    Args:
        name: One of `LAYOUTS`, or "auto".
        folder: What "auto" looks at.

    Raises:
        ParameterError: There is no such layout.
        AudioFileError: "auto" recognises none.
    """
    if name in LAYOUTS:
        return LAYOUTS[name]
    check_known(name, ("auto", *LAYOUTS), "layout")
    if not folder.exists():
        raise AudioFileError(f"{folder} does not exist; name the folder of the songs")
    if folder.is_file() and folder.suffix.lower() != ".csv":
        raise AudioFileError(f"{folder} is a file; name the folder of the songs, or a .csv table")
    for layout in LAYOUTS.values():
        if layout.fits is not None and layout.fits(folder):
            return layout
    raise AudioFileError(
        f"{folder} has no songs in a layout that is recognised; put a folder per song there with "
        f"vocals.wav, drums.wav, ..., or name its layout, one of: {', '.join(LAYOUTS)}"
    )
