"""Data, training, evaluation and the bidirectional model around `streamsep`; depends on it, never the other way."""
