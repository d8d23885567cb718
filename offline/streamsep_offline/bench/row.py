"""What rows of every comparison have: a name, and how long each run took."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from streamsep.bench.timing import Statistics


@dataclass(frozen=True)
class BenchRow:
    """One row of a comparison; further columns are fields of subclasses.

    Attributes:
        name: Whose.
        seconds: Duration of every run; None where the package is missing. [count]
    """

    name: str
    seconds: np.ndarray | None

    def as_json(self) -> dict[str, Any]:
        """Its fields as JSON values, with statistics of the durations in their place."""
        fields = dict(vars(self))
        name, seconds = fields.pop("name"), fields.pop("seconds")
        statistics = None if seconds is None else asdict(Statistics.of(seconds))
        return {"name": name, "statistics": statistics, **fields}
