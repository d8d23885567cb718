"""Karaoke: words in time, the singer turned down, the key changed, a microphone beside it."""
