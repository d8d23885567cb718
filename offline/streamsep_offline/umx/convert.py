"""`.pth` files without their pickle: read once with `weights_only=True`, from then on as safetensors.

The converted file lies beside the original, or in the cache where that folder is read-only. It names the
sha256 of the original in its metadata, so a changed original is converted again.

Set STREAMSEP_CACHE_DIR to put the cache elsewhere.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

import platformdirs
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from streamsep.errors import CheckpointError
from streamsep_offline.umx.digests import sha256_of

_SOURCE = "source_sha256"


def read_weights(path: Path) -> tuple[dict[str, Any], str | None]:
    """Weights of a `.pth` or `.safetensors` file, and the sha256 of the `.pth` they come from.

    Args:
        path: The file.

    Returns:
        Values by key; the digest, None for a safetensors file that names no origin.

    Raises:
        CheckpointError: The file is missing, damaged, or holds something other than tensors.
    """
    if path.suffix == ".safetensors":
        return _read_safetensors(path)
    digest = sha256_of(path)
    for converted in _places(path, digest):
        if converted.is_file():
            with contextlib.suppress(CheckpointError):  # a damaged conversion is made again
                weights, source = _read_safetensors(converted)
                if source == digest:
                    return weights, digest
    weights = _read_pth(path)
    if all(isinstance(value, torch.Tensor) for value in weights.values()):
        _convert(weights, path, digest)
    return weights, digest


def _places(path: Path, digest: str) -> tuple[Path, Path]:
    root = os.environ.get("STREAMSEP_CACHE_DIR") or platformdirs.user_cache_dir("streamsep")
    return path.with_suffix(".safetensors"), Path(root) / "umx" / f"{digest}.safetensors"


def _read_pth(path: Path) -> dict[str, Any]:
    try:
        # weights_only: tensors and plain containers; a pickle that would call anything is refused.
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged pickle may raise anything
        reason = str(error).strip().splitlines()[0] if str(error).strip() else repr(error)
        raise CheckpointError(
            f"{path} cannot be read as weights ({reason}); it is damaged or holds more than tensors: "
            "get it again from where it was published"
        ) from error
    if not isinstance(state, dict):
        raise CheckpointError(
            f"{path} holds a {type(state).__name__}, expected weights by name; name a file of weights"
        )
    return dict(state)


def _read_safetensors(path: Path) -> tuple[dict[str, Any], str | None]:
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            return {key: file.get_tensor(key) for key in file.keys()}, metadata.get(_SOURCE)  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"{path} is not a safetensors file ({error}); remove it or get it again"
        ) from error


def _convert(weights: dict[str, torch.Tensor], path: Path, digest: str) -> None:
    """Write the safetensors file beside the original or into the cache; neither is no error."""
    contiguous = {key: value.contiguous().clone() for key, value in weights.items()}
    for place in _places(path, digest):
        # Under a name of its own first: a reader must never meet half a file.
        temporary = place.with_name(f"{place.name}.{os.getpid()}.part")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            save_file(contiguous, temporary, metadata={_SOURCE: digest, "source": path.name})
            temporary.replace(place)
            return
        except (OSError, SafetensorError):
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
