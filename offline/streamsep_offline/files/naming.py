"""Names of the files that come out: a template, which can neither leave the folder nor meet itself.

Fields of a template: {track} (the input's name without extension), {stem}, {ext} (of the output),
{trackext} (of the input), {folder} (in which the input lies), {model}.
"""

from __future__ import annotations

import os
import string
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from streamsep.errors import ParameterError
from streamsep_offline.files.formats import OutputFormat

FIELDS = ("track", "stem", "ext", "folder", "model", "trackext")

_TEMPLATE, _CONTAINER_TEMPLATE = "{track}/{stem}.{ext}", "{track}.{ext}"


def track_and_extension(path: Path) -> tuple[str, str]:
    """Name without extension, and extension without dot; ".stem.mp4" counts as one."""
    name = path.name
    if name.lower().endswith(".stem.mp4") and len(name) > 9:
        return name[:-9], name[-8:]
    return path.stem, path.suffix[1:]


def check_template(template: str | None, output: OutputFormat) -> str:
    """The template to use: the one given, or the format's default.

    Raises:
        ParameterError: It has an unknown field, lacks the extension, or names a stem where one file
            holds all.
    """
    if template is None:
        return _CONTAINER_TEMPLATE if output.is_container else _TEMPLATE
    known = ", ".join(f"{{{name}}}" for name in FIELDS)
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as error:
        raise ParameterError(
            f"--name-template '{template}' is not well formed ({error}); its fields are: {known}"
        ) from None
    fields = [field for _, field, spec, conversion in parts if field is not None]
    plain = all(not spec and not conversion for _, _, spec, conversion in parts)
    if not plain or any(field not in FIELDS for field in fields):
        raise ParameterError(
            f"--name-template '{template}' has a field that is not known; there are: {known}"
        )
    if output.is_container and "stem" in fields:
        raise ParameterError(
            f"--name-template '{template}' names a stem, but one {output.name} file holds them "
            f"all; write for example '{_CONTAINER_TEMPLATE}'"
        )
    return template


def check_stem_names(stems: Sequence[str]) -> None:
    """Refuse stems that cannot be parts of file names.

    Raises:
        ParameterError: A name is empty, has a separator of folders, or begins with a dot.
    """
    for name in stems:
        if not name or name.startswith(".") or any(c in name for c in '/\\:*?"<>|\0\n'):
            raise ParameterError(
                f"stem '{name}' cannot be part of a file's name; use letters, digits, - and _"
            )


def output_paths(
    source: Path,
    folder: Path,
    template: str,
    stems: Sequence[str],
    output: OutputFormat,
    model: str,
) -> tuple[Path, ...]:
    """Files of one song: one for each stem, in their order, or one for all.

    Args:
        source: The input.
        folder: Below which everything is written.
        template: From `check_template`.
        stems: Names.
        output: The format.
        model: Name of the model.

    Raises:
        ParameterError: A name would lie outside the folder, or does not end in the extension.
    """
    track, extension = track_and_extension(source)
    fields = {
        "track": track,
        "ext": output.name,
        "trackext": extension,
        "folder": source.resolve().parent.name,
        "model": model,
    }
    names = (None,) if output.is_container else stems
    return tuple(folder / _fill(template, {**fields, "stem": name or ""}, output) for name in names)


def _fill(template: str, fields: Mapping[str, str], output: OutputFormat) -> Path:
    text = template.format_map(fields)
    parts = PurePosixPath(text.replace("\\", "/")).parts
    is_rooted = text[:1] in "/\\" or os.path.splitdrive(text)[0]
    if not parts or ".." in parts or is_rooted:
        raise ParameterError(
            f"--name-template '{template}' leads out of the output folder ('{text}'); "
            "leave out '..' and a leading '/'"
        )
    if not text.lower().endswith(output.extension) or parts[-1].startswith("."):
        raise ParameterError(
            f"--name-template '{template}' gives '{text}', which is not a name of a "
            f"{output.extension} file; end the template in '.{{ext}}'"
        )
    return Path(text)


def check_collisions(songs: Iterable[tuple[Path, Sequence[Path]]]) -> None:
    """Refuse two outputs of one name, and an output that is an input.

    Args:
        songs: Inputs and their outputs.

    Raises:
        ParameterError: Two meet.
    """
    songs = list(songs)
    inputs = {os.path.realpath(source) for source, _ in songs}
    owner: dict[str, Path] = {}
    for source, outputs in songs:
        for path in outputs:
            key = os.path.normcase(os.path.realpath(path))
            if key in inputs:
                raise ParameterError(f"output {path} is an input; choose another folder with -o")
            if key in owner:
                other = owner[key]
                remedy = (
                    "put {stem} into --name-template"
                    if other == source
                    else "put {folder} or {trackext} into --name-template"
                )
                raise ParameterError(
                    f"two files would be written to {path} (from {other} and {source}); {remedy}"
                )
            owner[key] = source
