"""What the audio process tells the session: one JSON object a line, on standard output."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import traceback
from collections.abc import Iterator
from typing import Any

from streamsep.errors import StreamsepError


def say(event: str, **facts: Any) -> None:
    """Tell the session."""
    sys.stdout.write(json.dumps({"event": event, **facts}) + "\n")
    sys.stdout.flush()


@contextlib.contextmanager
def failures_told() -> Iterator[None]:
    """What cannot be ends the process; the session is told why."""
    try:
        yield
    except StreamsepError as error:
        say("failed", reason=str(error), exit_code=error.exit_code)
        os._exit(1)
    except Exception as error:  # without it the process would live on, silent
        traceback.print_exc()
        say("failed", reason=f"the audio process failed: {error!r}", exit_code=1)
        os._exit(1)
