"""Presets: JSON files that name a model, the profiles it exists for, and its stem sets.

A preset is found by name in the folders of STREAMSEP_PRESETS, then in the user's own folder, then among
those bundled; or by the path of a JSON file, or of a model folder, which is a preset of its own. A name
may carry what to select: `classic-2stems-tight` is `classic` with the stem set `2stems` at the profile
`tight`.

    {
      "format": "streamsep-preset", "version": 1,
      "description": "one line for people",
      "model": {"kind": "classic", "settings": {}},      or "model": "folder beside this file"
      "stems": ["4stems", "2stems"],                     the first is the default
      "profiles": ["stage", "tight"],                    the first is the default
      "wiener": true,                                    the recursive Wiener filter; may be left out
      "licence": "MIT",                                  of the model
      "score": "mean share closed on ... 21 %"           one line for people; may be left out
    }
"""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import platformdirs

from streamsep.errors import PresetError
from streamsep.model import KINDS, MODEL_FILE, Model, load_model
from streamsep.spec import PROFILES, STEM_SETS, find_profile, find_stem_set

FORMAT_VERSION = 1
"""Version of the preset files; a reader refuses any other."""

DEFAULT_PRESETS = (
    *(
        f"{stems}-{profile}"
        for stems in ("4stems", "2stems")
        for profile in ("stage", "tight", "instant")
    ),
    "4stems-studio",
    "5stems-stage",
    "classic",
)
"""What runs when no preset is named: the first that has the profile and stem set asked for."""


@dataclass(frozen=True)
class Preset:
    """A preset with a selection of profile and stem set.

    Attributes:
        name: Its name; the file's name without ".json".
        description: One line for people.
        source: Settings of a model without weights, or the folder of a model with weights.
        profiles: Names of the profiles it exists for.
        stem_sets: Names of the stem sets it exists for.
        profile: Name of the selected profile.
        stem_set: Name of the selected stem set.
        licence: Licence of the model.
        score: How well it separates, in one line for people; "" where it was not measured.
        has_wiener: Whether the recursive Wiener filter follows the masks if nobody says otherwise.
        own_stems: Stems of a model folder, whose set may have no name.
    """

    name: str
    description: str
    source: dict[str, Any] | Path
    profiles: tuple[str, ...]
    stem_sets: tuple[str, ...]
    profile: str
    stem_set: str
    licence: str
    score: str
    has_wiener: bool = False
    own_stems: tuple[str, ...] = ()

    @property
    def stems(self) -> tuple[str, ...]:
        """Names of the stems, the residual last."""
        return STEM_SETS.get(self.stem_set, self.own_stems)

    def load(self) -> Model:
        """The model at the selected profile and stem set.

        Raises:
            CheckpointError: The model's folder is missing, damaged, foreign or of another version.
            PresetError: The model is of another profile or stem set than the preset says.
        """
        profile = find_profile(self.profile)
        if isinstance(self.source, dict):
            return Model(
                profile=profile, targets=self.stems, card={"licence": self.licence}, **self.source
            )
        model = load_model(self.source)
        if not model.fits(profile, self.stems):
            raise PresetError(
                f"preset '{self.name}' says {self.stem_set} at '{self.profile}', but {self.source} holds "
                f"{', '.join(model.targets)} at '{model.profile.name}'; correct the preset"
            )
        return model.at(profile, self.stems)


def find_preset(
    name: str | None = None, profile: str | None = None, stem_set: str | None = None
) -> Preset:
    """A preset by name or path, with a profile and stem set selected.

    Args:
        name: "classic", "classic-2stems-tight", or the path of a JSON file or a model folder; None takes
            the first of `DEFAULT_PRESETS` that has the profile and stem set.
        profile: Profile to select; None takes the preset's first (or the name's).
        stem_set: Stem set to select; None takes the preset's first (or the name's).

    Raises:
        PresetError: No such preset, profile or stem set; the message lists what exists.
    """
    if name is None:
        return _select_default(profile, stem_set)
    if (Path(name) / MODEL_FILE).is_file():
        return _select(_of_folder(Path(name)), profile, stem_set)
    if name.endswith(".json") or os.sep in name or "/" in name:
        return _select(_read(Path(name)), profile, stem_set)
    files = preset_files()
    parts = name.split("-")
    for count in range(len(parts), 0, -1):
        base, suffixes = "-".join(parts[:count]), parts[count:]
        if base not in files:
            continue
        preset = _read(files[base])
        for suffix in suffixes:
            if suffix in preset.stem_sets and stem_set in (None, suffix):
                stem_set = suffix
            elif suffix in preset.profiles and profile in (None, suffix):
                profile = suffix
            else:
                raise PresetError(f"preset '{base}' has no '{suffix}'; {_offer(preset)}")
        return _select(preset, profile, stem_set)
    close = difflib.get_close_matches(name, files, n=1)
    hint = f"did you mean '{close[0]}'? " if close else ""
    raise PresetError(f"preset '{name}' is unknown; {hint}there are: {', '.join(sorted(files))}")


def preset_files() -> dict[str, Path]:
    """Every preset's file by name; a user's preset hides a bundled one of the same name."""
    found: dict[str, Path] = {}
    for folder in _folders():
        for path in sorted(folder.glob("*.json")):
            found.setdefault(path.stem, path)
    return found


def _folders() -> Iterator[Path]:
    for folder in os.environ.get("STREAMSEP_PRESETS", "").split(os.pathsep):
        if folder:
            yield Path(folder)
    yield Path(platformdirs.user_config_dir("streamsep")) / "presets"
    yield Path(__file__).parent / "presets"


def _select_default(profile: str | None, stem_set: str | None) -> Preset:
    files = preset_files()
    presets = [_read(files[name]) for name in DEFAULT_PRESETS]
    for preset in presets:
        if profile in (None, *preset.profiles) and stem_set in (None, *preset.stem_sets):
            return _select(preset, profile, stem_set)
    return _select(presets[-1], profile, stem_set)


def _offer(preset: Preset) -> str:
    return f"it exists for stems {', '.join(preset.stem_sets)} and profiles {', '.join(preset.profiles)}"


def _select(preset: Preset, profile: str | None, stem_set: str | None) -> Preset:
    if stem_set is not None and stem_set not in preset.stem_sets:
        find_stem_set(stem_set)
        raise PresetError(f"preset '{preset.name}' has no stem set '{stem_set}'; {_offer(preset)}")
    chosen = replace(preset, stem_set=stem_set or preset.stem_set)
    if profile is None or profile in preset.profiles:
        return replace(chosen, profile=profile or preset.profile)
    find_profile(profile)
    others = sorted(
        other.name
        for other in map(_read, preset_files().values())
        if profile in other.profiles and chosen.stem_set in other.stem_sets
    )
    where = f"presets with {chosen.stem_set} at '{profile}': {', '.join(others) or 'none'}"
    raise PresetError(f"preset '{preset.name}' has no profile '{profile}'; {where}")


def _of_folder(folder: Path) -> Preset:
    """A model folder as a preset."""
    model = load_model(folder)
    own = next((n for n, s in STEM_SETS.items() if s == model.targets), "+".join(model.targets))
    stem_sets = [own, *(n for n, s in STEM_SETS.items() if model.fits(model.profile, s))]
    profiles = [p.name for p in PROFILES.values() if model.fits(p, model.targets)]
    return Preset(
        name=folder.resolve().name,
        description=str(model.card.get("what", "")),
        source=folder,
        profiles=tuple(dict.fromkeys([model.profile.name, *profiles])),
        stem_sets=tuple(dict.fromkeys(stem_sets)),
        profile=model.profile.name,
        stem_set=own,
        licence=str(model.card.get("licence", "unknown")),
        score="",
        own_stems=model.targets,
    )


def _read(path: Path) -> Preset:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PresetError(
            f"no preset file at {path}; see 'streamsep models' for the names"
        ) from None
    except (OSError, ValueError) as error:
        raise PresetError(f"{path} is not readable JSON: {error}") from error
    if not isinstance(data, dict) or data.get("format") != "streamsep-preset":
        raise PresetError(
            f'{path} is not a streamsep preset; expected "format": "streamsep-preset"'
        )
    if data.get("version") != FORMAT_VERSION:
        raise PresetError(
            f"{path} has version {data.get('version')}, this program reads {FORMAT_VERSION}; "
            "update streamsep or the preset"
        )
    try:
        stem_sets, profiles = tuple(data["stems"]), tuple(data["profiles"])
        source, has_wiener = data["model"], data.get("wiener", False)
        if not isinstance(has_wiener, bool):
            raise TypeError(f"wiener is {has_wiener!r}, not true or false")
        if isinstance(source, str):
            source = path.parent / source
        elif source["kind"] not in KINDS:
            raise PresetError(
                f"{path}: model kind '{source['kind']}' is unknown; known: {', '.join(KINDS)}"
            )
        return Preset(
            name=path.stem,
            description=str(data.get("description", "")),
            source=source,
            profiles=tuple(find_profile(p).name for p in profiles),
            stem_sets=tuple(s for s in stem_sets if find_stem_set(s)),
            profile=profiles[0],
            stem_set=stem_sets[0],
            licence=str(data.get("licence", "unknown")),
            score=str(data.get("score", "")),
            has_wiener=has_wiener,
        )
    except (KeyError, TypeError, IndexError) as error:
        raise PresetError(
            f"{path} is damaged: {error!r}; compare it with a bundled preset"
        ) from error
