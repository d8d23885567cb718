"""Download of a published set: pinned, resumed, and never under its name before it is verified.

A file grows as `<name>.part` and is renamed when its sha256 begins with the published digits and is the
one of the first fetch. A broken connection or Ctrl-C leaves the part, and the next run goes on behind its
last byte where the server can (HTTP Range), from the start where it cannot.

Environment: STREAMSEP_MODELS is the folder of all sets, STREAMSEP_MIRROR an address with the folders
`umxhq`, `umxl` and so on, STREAMSEP_OFFLINE=1 forbids any download.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import platformdirs

import streamsep
from streamsep.errors import CheckpointError, ParameterError, StreamsepError
from streamsep_offline.umx.digests import Record, sha256_of
from streamsep_offline.umx.registry import ModelSet, split_digest

TIMEOUT_S = 30.0
"""Silence of a server after which the connection counts as broken."""

ATTEMPTS = 4
"""Connections per file that bring nothing new, after which the download gives up for now."""

_PAUSE_S = 1.0
_CHUNK_BYTES = 1 << 16
_PASSING = (408, 425, 429)  # what a server says when it is asked too early or too often

Progress = Callable[[str, int, "int | None"], None]
"""Called with a file's name, its bytes so far, and all of its bytes where the server tells."""


class FetchError(StreamsepError, OSError):
    """A file cannot be had from the network now, or not be written."""


class _BrokenError(Exception):
    """A connection broke, or never came to be; the next one may go on."""


@dataclass(frozen=True)
class FetchOptions:
    """How to fetch.

    Attributes:
        mirror: Address that holds a folder per set; None is where the sets were published.
        is_offline: Verify what is there, download nothing.
        pause_s: Before a second connection; twice as long before each further one.
    """

    mirror: str | None = None
    is_offline: bool = False
    pause_s: float = _PAUSE_S

    @classmethod
    def of_environment(cls, mirror: str | None = None, is_offline: bool = False) -> FetchOptions:
        """What was asked for, the environment where nothing was."""
        return cls(
            mirror or os.environ.get("STREAMSEP_MIRROR") or None,
            is_offline or os.environ.get("STREAMSEP_OFFLINE", "0") not in ("", "0"),
        )


def models_folder() -> Path:
    """Where fetched sets lie, each in a folder of its name."""
    root = os.environ.get("STREAMSEP_MODELS")
    return Path(root) if root else Path(platformdirs.user_data_dir("streamsep")) / "models"


def is_fetched(model_set: ModelSet, folder: Path) -> bool:
    """Whether all files of a set are in its folder; their content is not looked at."""
    return all((folder / name).is_file() for name in model_set.files.values())


def fetch_set(
    model_set: ModelSet,
    folder: Path,
    options: FetchOptions,
    progress: Progress = lambda name, done, total: None,
) -> None:
    """Bring all files of a set into a folder; what is there already is verified, not fetched.

    Args:
        model_set: What to fetch. Whether its licence was accepted is the caller's to ask.
        folder: Created when missing.
        options: How.
        progress: Called as files grow; may raise, and the part that is there stays.

    Raises:
        FetchError: The network, or what it should bring, is not there.
        CheckpointError: A file is not the one that was published or fetched first.
    """
    base = _base_address(model_set, options.mirror)
    record = Record.read(folder, model_set.name)
    missing = [n for n in model_set.files.values() if not (folder / n).is_file()]
    if missing and options.is_offline:
        raise FetchError(
            f"offline, and {folder} lacks {', '.join(missing)}; get them from {base} on another "
            "machine and copy them there, or run without --offline and STREAMSEP_OFFLINE"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in model_set.files.values():
            if name in missing:
                _fetch_file(f"{base}/{quote(name)}", folder / name, record, options, progress)
            else:
                _remember(record, folder / name, sha256_of(folder / name))
    except OSError as error:
        if isinstance(error, StreamsepError):
            raise
        raise FetchError(
            f"{folder} cannot be written ({error.strerror}); make room, or set STREAMSEP_MODELS to a "
            "folder of yours"
        ) from error


def _base_address(model_set: ModelSet, mirror: str | None) -> str:
    if mirror is None:
        return model_set.address
    if not re.match(r"https?://", mirror):
        raise ParameterError(f"mirror '{mirror}' must begin with http:// or https://")
    return f"{mirror.rstrip('/')}/{quote(model_set.name)}"


def _published(name: str) -> str | None:
    return split_digest(Path(name).stem)[1]


def _remember(record: Record, path: Path, digest: str) -> None:
    """Check a file and note its digest if it is new."""
    record.check(path, _published(path.name), digest)
    if path.name not in record.sha256:
        record.sha256[path.name] = digest
        record.write(path.parent)


def _fetch_file(
    address: str, path: Path, record: Record, options: FetchOptions, progress: Progress
) -> None:
    """Download one file, verify it, give it its name."""
    part = path.with_name(f"{path.name}.part")
    # A part's first bytes may come from elsewhere, or from a file that has changed since: then again.
    for is_last in (False, True) if part.is_file() else (True,):
        _complete(address, part, options, progress)
        digest = sha256_of(part)
        try:
            record.check(path, _published(path.name), digest)
            break
        except CheckpointError:
            part.unlink()
            if is_last:
                raise
    # The digest first: a file under its name without one would be trusted anew.
    _remember(record, path, digest)
    part.replace(path)


def _complete(address: str, part: Path, options: FetchOptions, progress: Progress) -> None:
    """Connect until the part is whole, as long as connections bring something."""
    failures = 0
    while True:
        before = part.stat().st_size if part.is_file() else 0
        try:
            return _append(address, part, progress)
        except _BrokenError as error:
            size = part.stat().st_size if part.is_file() else 0
            failures = failures + 1 if size <= before else 1
            if failures == ATTEMPTS:
                raise FetchError(
                    f"{address} stopped after {size} bytes ({error}); run again to go on "
                    "from there, or name another place with --mirror"
                ) from error
        time.sleep(options.pause_s * 2 ** (failures - 1))


def _append(address: str, part: Path, progress: Progress) -> None:
    """One connection: append what is missing, or start over where the server knows no ranges."""
    size = part.stat().st_size if part.is_file() else 0
    headers = {"User-Agent": f"streamsep/{streamsep.__version__}", "Accept-Encoding": "identity"}
    if size:
        headers["Range"] = f"bytes={size}-"
    with _open(Request(address, headers=headers)) as response:
        if response is None:
            return
        start = size if response.status == 206 and _starts_at(response, size) else 0
        total = None if response.length is None else start + response.length
        done = start
        with part.open("ab" if start else "wb") as file:
            progress(part.stem, done, total)
            while chunk := _read(response):
                file.write(chunk)
                done += len(chunk)
                progress(part.stem, done, total)
    if total is not None and done < total:
        raise _BrokenError(f"{total - done} bytes are missing")


@contextlib.contextmanager
def _open(request: Request) -> Iterator[Any]:
    """A response to read from; None where the server has no byte behind those asked for.

    The part is whole then, or longer than the file: its digest will tell.
    """
    try:
        response = urlopen(request, timeout=TIMEOUT_S)
    except HTTPError as error:
        error.close()
        reason = f"{error.code} {error.reason}"
        if error.code == 416:
            yield None
            return
        if error.code >= 500 or error.code in _PASSING:
            raise _BrokenError(reason) from None
        raise FetchError(
            f"{request.full_url} is not to be had ({reason}); name another place with --mirror"
        ) from None
    except (OSError, http.client.HTTPException) as error:
        raise _BrokenError(_reason(error)) from error
    with response:
        yield response


def _read(response: Any) -> bytes:
    try:
        return response.read(_CHUNK_BYTES)
    except (OSError, http.client.HTTPException) as error:
        raise _BrokenError(_reason(error)) from error


def _starts_at(response: Any, size: int) -> bool:
    return str(response.headers.get("Content-Range", "")).startswith(f"bytes {size}-")


def _reason(error: Exception) -> str:
    return str(getattr(error, "reason", None) or error) or type(error).__name__
