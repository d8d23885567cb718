"""Scenes: where every fader is, under a name; kept as readable JSON, recalled with a fade."""
