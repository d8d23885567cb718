"""Errors of training."""

from __future__ import annotations

from streamsep.errors import StreamsepError


class DivergedError(StreamsepError, ArithmeticError):
    """A loss is not finite; nothing can be learned from it."""


class ExamplesError(StreamsepError, RuntimeError):
    """There are no examples to learn from."""
