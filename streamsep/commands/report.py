"""Reports as JSON, to a file or to standard output."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from streamsep.errors import AudioFileError


def write_report(target: str, report: dict[str, Any]) -> None:
    """Write a report.

    Args:
        target: Path, or "-" for standard output.
        report: JSON values.

    Raises:
        AudioFileError: The file cannot be written.
    """
    text = json.dumps(report, indent=2, allow_nan=False) + "\n"
    if target == "-":
        sys.stdout.write(text)
        return
    try:
        Path(target).write_text(text, encoding="utf-8")
    except OSError as error:
        raise AudioFileError(f"report {target} cannot be written ({error.strerror})") from error
