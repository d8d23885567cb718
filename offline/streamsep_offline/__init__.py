"""Data, training, evaluation and the bidirectional model around `streamsep`, which knows nothing of it."""
