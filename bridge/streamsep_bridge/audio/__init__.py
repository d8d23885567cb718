"""Sound cards: which there are, and a stream whose callback is native code."""
