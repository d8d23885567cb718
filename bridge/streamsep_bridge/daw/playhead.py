"""Where a DAW's playhead is, and when it has jumped: by a hand or at the end of a loop."""

from __future__ import annotations

BACK_S, FORWARD_S = 0.1, 0.5
"""It jumps when it goes back by so much, or on by so much more than the time that has passed."""


class Playhead:
    """See the module's docstring.

    Attributes:
        position_s: Last heard of; None before.
        is_rolling: Whether it moves by itself.

    Thread: one. Allocates: no.
    """

    def __init__(self) -> None:
        self.position_s: float | None = None
        self.is_rolling = False
        self._heard_s = 0.0

    def has_jumped(self, position_s: float, now_s: float) -> bool:
        """Take note of a position; whether no music leads there from the last one.

        Args:
            position_s: In the project.
            now_s: Time at which it was heard; late news come in a bunch, so time alone proves nothing.
        """
        before, passed_s = self.position_s, now_s - self._heard_s
        self.position_s, self._heard_s = position_s, now_s
        if before is None:
            return False
        return position_s < before - BACK_S or position_s > before + passed_s + FORWARD_S
