"""A maker of multitracks: songs with separate stems, rendered from (seed, index).

`make_song` renders one; `streamsep data make` writes a collection in MUSDB18-HQ's layout. Samples,
WORLD, FluidSynth and espeak-ng are each optional: what is missing is left out, and `missing_parts`
says what it is.

Needs scipy. Out of scope: training examples from the songs (remixing, cutting, levels).
"""
