"""Writes all files that follow from the table: `python -m streamsep_bridge.osc.generate [REPOSITORY]`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from streamsep_bridge.osc.reference import make_reference

FILES: dict[str, Callable[[], bytes]] = {
    "docs/osc.md": make_reference,
}
"""What makes each, by its path in the repository."""


def write_all(repository: Path) -> None:
    """Write every file.

    Args:
        repository: Its root.
    """
    for path, make in FILES.items():
        (repository / path).parent.mkdir(parents=True, exist_ok=True)
        (repository / path).write_bytes(make())


if __name__ == "__main__":
    write_all(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
