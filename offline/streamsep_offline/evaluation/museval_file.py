"""BSSEval of a track as museval writes it: `<folder>/<split>/<track>.json`, checked against its schema.

Numbers have five decimals, what is not defined is NaN, a stem that never sounds is left out.
"""

from __future__ import annotations

import json
import math
from importlib.metadata import version
from pathlib import Path
from typing import Any

from streamsep.errors import AudioFileError
from streamsep_offline.evaluation.bsseval import museval_folder
from streamsep_offline.evaluation.results import SongResult


def museval_scores(song: SongResult) -> dict[str, Any]:
    """JSON values as museval's TrackStore holds them."""
    targets = []
    for stem in song.stems:
        names = ("SDR", "SIR", "SAR", "ISR")
        seconds = range(len(stem.frames["SDR"]))
        if all(math.isnan(stem.frames["SDR"][t]) for t in seconds):
            continue
        frames = [
            {
                "time": float(t),
                "duration": 1.0,
                "metrics": {name: round(stem.frames[name][t], 5) for name in names},
            }
            for t in seconds
        ]
        targets.append({"name": stem.stem, "frames": frames})
    return {"targets": targets, "museval_version": version("museval")}


def write_museval(folder: Path, split: str, song: SongResult) -> Path:
    """Write the scores of a track.

    Returns:
        The file.

    Raises:
        AudioFileError: It cannot be written.
    """
    import jsonschema

    schema = json.loads((museval_folder() / "musdb.schema.json").read_text(encoding="utf-8"))
    scores = museval_scores(song)
    jsonschema.validate(scores, schema)
    path = folder / split / f"{song.song.replace('/', '_')}.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(scores, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise AudioFileError(
            f"{path} cannot be written ({error.strerror}); choose another folder after -o"
        ) from error
    return path
