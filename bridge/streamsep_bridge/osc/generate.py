"""Writes all files that follow from the table: `python -m streamsep_bridge.osc.generate [REPOSITORY]`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from streamsep_bridge.osc.layouts.open_stage_control import make_session
from streamsep_bridge.osc.layouts.puredata import make_patch
from streamsep_bridge.osc.layouts.strips import repository_controls
from streamsep_bridge.osc.layouts.supercollider import make_class
from streamsep_bridge.osc.layouts.touchosc import make_document
from streamsep_bridge.osc.reference import make_reference
from streamsep_bridge.osc.table import TABLE

FILES: dict[str, Callable[[], bytes]] = {
    "docs/osc.md": make_reference,
    "bridge/daw/open-stage-control.json": lambda: make_session(repository_controls()),
    "bridge/daw/streamsep.tosc": lambda: make_document(repository_controls()),
    "bridge/daw/streamsep.pd": lambda: make_patch(repository_controls()),
    "bridge/daw/Streamsep.sc": lambda: make_class(TABLE),
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
