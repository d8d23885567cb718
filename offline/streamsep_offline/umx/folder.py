"""Folders of Open-Unmix networks as their authors and users have them, read strictly.

A folder holds `separator.json` (transform, rate, channels), and for each target `<target>.pth` (or
`<target>-<digest>.pth`, or the safetensors file converted from it) and `<target>.json` (how it was
trained). Everything about a network is read from its weights; what the JSON files say must agree.

Records of the published sets have no JSON files at all. Their digests are known, so they load without.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamsep.errors import CheckpointError, ParameterError
from streamsep.models.open_unmix import OpenUnmix
from streamsep_offline.umx.convert import read_weights
from streamsep_offline.umx.digests import Record
from streamsep_offline.umx.registry import SETS, ModelSet, set_of_file, split_digest
from streamsep_offline.umx.weights import build_network

_SEPARATOR = "separator.json"
_NUMBERS = {"nfft": "n_fft", "nhop": "hop", "sample_rate": "sample_rate", "nb_channels": "channels"}


@dataclass(frozen=True)
class UmxFolder:
    """What a folder holds.

    Attributes:
        path: The folder.
        available: All its targets: the stems' usual order first, then by name.
        sample_rate: Of the music that the networks know, in Hz.
        n_fft: Samples of the periodic Hann window.
        hop: Samples between frames.
        channels: 1 or 2, what the networks see.
        networks: The networks asked for, by target, in eval mode.
        known: The published set that this is; None for networks of one's own.
    """

    path: Path
    available: tuple[str, ...]
    sample_rate: int
    n_fft: int
    hop: int
    channels: int
    networks: Mapping[str, OpenUnmix]
    known: ModelSet | None


def read_folder(folder: str | Path, targets: Sequence[str] | None = None) -> UmxFolder:
    """Read a folder.

    Args:
        folder: The folder.
        targets: Which networks to load; None is all.

    Raises:
        CheckpointError: Something is missing, damaged, altered or contradictory.
        ParameterError: A target is not there.
    """
    folder = Path(folder)
    files = _files(folder)
    chosen = _choose(folder, tuple(files), targets)
    read = {target: read_weights(files[target]) for target in chosen}
    digests = {target: digest for target, (_, digest) in read.items()}
    known = _known_set(digests)
    _check_digests(folder, {files[t]: digest for t, digest in digests.items()})
    numbers = _numbers(folder, known, [files[t].with_suffix(".pth").name for t in chosen])
    networks = {}
    for target in chosen:
        networks[target] = build_network(read[target][0], str(files[target]))
        _compare(networks[target], numbers, files[target], folder / f"{target}.json")
    return UmxFolder(folder, tuple(files), **numbers, networks=networks, known=known)


def targets_of(folder: str | Path) -> tuple[str, ...]:
    """Targets of a folder, without reading weights.

    Raises:
        CheckpointError: There is no such folder, or nothing in it.
    """
    return tuple(_files(Path(folder)))


def _files(folder: Path) -> dict[str, Path]:
    """Weights of each target; of a `.pth` and the file converted from it, the `.pth`."""
    if not folder.is_dir():
        raise CheckpointError(
            f"no folder {folder}; name a folder of Open-Unmix networks, or one of: {', '.join(SETS)}"
        )
    trained = {p.stem for p in folder.glob("*.json") if "args" in _read_json(p)}
    found: dict[str, Path] = {}
    paths = sorted(folder.glob("*.pth"))
    paths += [p for p in sorted(folder.glob("*.safetensors")) if p.with_suffix(".pth") not in paths]
    for path in paths:
        named = [name for name in trained if path.stem.startswith(name)]
        target = max(named, key=len) if named else split_digest(path.stem)[0]
        if target in found:
            raise CheckpointError(
                f"{folder} has two files for '{target}': {found[target].name} and {path.name}; "
                "remove one"
            )
        found[target] = path
    lacking = sorted(trained - set(found))
    if lacking or not found:
        names = ", ".join(f"{name}.pth" for name in lacking or ["<target>"])
        raise CheckpointError(f"{folder} lacks {names}; copy the whole folder of the training")
    usual = list(dict.fromkeys(t for s in SETS.values() for t in s.targets))
    ordered = [t for t in usual if t in found] + sorted(set(found) - set(usual))
    return {target: found[target] for target in ordered}


def _choose(
    folder: Path, available: tuple[str, ...], targets: Sequence[str] | None
) -> tuple[str, ...]:
    if targets is None:
        return available
    unknown = [t for t in targets if t not in available]
    if unknown or not targets:
        raise ParameterError(
            f"{folder} has no target {', '.join(unknown) or '(none was named)'}; there are: "
            f"{', '.join(available)}"
        )
    return tuple(dict.fromkeys(targets))


def _known_set(digests: Mapping[str, str | None]) -> ModelSet | None:
    """The published set whose digests these are, whatever the files are called."""

    def published(model_set: ModelSet, target: str, digest: str | None) -> bool:
        name = model_set.files.get(target)
        return name is not None and (digest or "").startswith(_published(name))

    return next(
        (s for s in SETS.values() if all(published(s, t, d) for t, d in digests.items())), None
    )


def _published(name: str) -> str:
    return split_digest(Path(name).stem)[1] or "unpublished"


def _check_digests(folder: Path, digests: Mapping[Path, str | None]) -> None:
    """Files of published names must be what was published, and fetched ones what was fetched."""
    record = Record.read(folder)
    for path, digest in digests.items():
        name = path.with_suffix(".pth").name
        model_set = set_of_file(name)
        if digest is None and model_set is not None:
            raise CheckpointError(
                f"{path} does not say which file it was converted from; get {name} itself"
            )
        if digest is not None:
            record.check(path.with_name(name), model_set and _published(name), digest)


def _numbers(folder: Path, known: ModelSet | None, names: list[str]) -> dict[str, int]:
    path = folder / _SEPARATOR
    if path.is_file():
        return _read_separator(path)
    if known is None:
        raise CheckpointError(
            f"{folder} lacks {_SEPARATOR}, and {', '.join(names)} are of no published set; write it: "
            '{"nfft": 4096, "nhop": 1024, "sample_rate": 44100, "nb_channels": 2}'
        )
    return {name: getattr(known, name) for name in _NUMBERS.values()}


def _read_separator(path: Path) -> dict[str, int]:
    data = _read_json(path)
    numbers = {}
    for key, name in _NUMBERS.items():
        value = data.get(key)
        if not isinstance(value, int | float) or value < 1 or value != int(value):
            raise CheckpointError(
                f"{path}: {key} is {value!r}, expected a whole number; copy the file of the training"
            )
        numbers[name] = int(value)
    if numbers["n_fft"] % numbers["hop"] or numbers["n_fft"] < 2 * numbers["hop"]:
        raise CheckpointError(
            f"{path}: nfft={numbers['n_fft']} must be a multiple of nhop={numbers['hop']}, at least "
            "twice of it"
        )
    return numbers


def _read_json(path: Path) -> Mapping[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path} is not readable JSON ({error}); copy it again") from error
    if not isinstance(data, dict):
        raise CheckpointError(f"{path} is not a JSON object; copy it again")
    return data


def _compare(network: OpenUnmix, numbers: Mapping[str, int], file: Path, trained: Path) -> None:
    """Refuse weights that the JSON files beside them contradict.

    Not what they say of `unidirectional`: until 2023 the training noted it and built the other network.
    """
    facts = {
        "nfft": 2 * (network.nb_output_bins - 1),
        "nb_channels": network.nb_channels,
        "hidden_size": network.hidden_size,
    }
    said = {"nfft": numbers["n_fft"], "nb_channels": numbers["channels"]}
    sources = [(_SEPARATOR, said)]
    if trained.is_file():
        arguments = _read_json(trained).get("args")
        sources.append((trained.name, arguments if isinstance(arguments, dict) else {}))
    for name, values in sources:
        for key, fact in facts.items():
            if values.get(key, fact) != fact:
                raise CheckpointError(
                    f"{file} has {key} {fact}, {name} says {values[key]}; the files are of different "
                    "trainings, copy them again"
                )
