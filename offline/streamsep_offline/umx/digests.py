"""Digests of files, and the record of those that were fetched."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from streamsep.errors import CheckpointError

RECORD = "fetched.json"
"""Name of the record in a set's folder."""

_FORMAT, _VERSION = "streamsep-fetched", 1
_CHUNK_BYTES = 1 << 20


def sha256_of(path: Path) -> str:
    """Hexadecimal sha256 of a file.

    Raises:
        CheckpointError: It cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
    except OSError as error:
        raise CheckpointError(
            f"{path} cannot be read ({error.strerror}); check the folder's rights"
        ) from error
    return digest.hexdigest()


@dataclass
class Record:
    """What a set's folder remembers: which files came, with which content, under which licence.

    Attributes:
        set_name: Name of the set.
        sha256: Digest of each file at its first fetch.
        accepted: Licence that was accepted; None where none had to be.
    """

    set_name: str
    sha256: dict[str, str] = field(default_factory=dict)
    accepted: str | None = None

    @classmethod
    def read(cls, folder: Path, set_name: str | None = None) -> Record:
        """The record of a folder, empty where there is none.

        Args:
            folder: The folder.
            set_name: Set that it must be of; None is any.

        Raises:
            CheckpointError: It is damaged, of another version, or of another set.
        """
        path = folder / RECORD
        if not path.is_file():
            return cls(set_name or "")
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            known = data["format"] == _FORMAT and data["version"] == _VERSION
            record = cls(str(data["set"]), {**data["sha256"]}, data["accepted"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CheckpointError(
                f"{path} is damaged ({error!r}); remove it to trust the files anew"
            ) from error
        if not known or set_name not in (None, record.set_name):
            raise CheckpointError(
                f"{path} is not the record of {set_name or 'a set'}, version {_VERSION}; use another folder"
            )
        return record

    def write(self, folder: Path) -> None:
        """Replace the record of a folder in one step."""
        data = {"format": _FORMAT, "version": _VERSION, "set": self.set_name}
        data |= {"accepted": self.accepted, "sha256": self.sha256}
        temporary = folder / f"{RECORD}.part"
        temporary.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
        temporary.replace(folder / RECORD)

    def check(self, path: Path, published: str | None, digest: str) -> None:
        """Refuse a file that is not the one that was published, or not the one that came first.

        Args:
            path: The file; its name is what the record knows.
            published: First hexadecimal digits of its sha256; None where none were published.
            digest: Its sha256.

        Raises:
            CheckpointError: A digest differs.
        """
        if published is not None and not digest.startswith(published):
            raise CheckpointError(
                f"{path.name} has sha256 {digest[:16]}..., published is {published}...: damaged or "
                "altered; get it from another place (--mirror)"
            )
        first = self.sha256.get(path.name, digest)
        if first != digest:
            raise CheckpointError(
                f"{path} has sha256 {digest[:16]}..., at its first fetch it had {first[:16]}...: "
                f"altered since; if that is right, remove it from {RECORD} beside it"
            )
