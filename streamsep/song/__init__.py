"""A song that the package composes and renders itself: true stems without any audio file.

    >>> from streamsep.song import compose
    >>> song = compose(duration_s=20.0, sample_rate=44100, seed=0)

What is where: `score` (notes, hits, bars, key), `composer` (key, form, chords), `band` (what drums,
bass, guitar, piano and pad play), `melody` (what is sung), `tones` (partials, noise, panning),
`drums`, `bass`, `chords` (instruments), `phonemes`, `glottis`, `tract`, `voice` (the singer),
`room` (reverberation), `arrange` (the mix). Out of scope: any style but pop in four-four time.
"""

from streamsep.song.arrange import Song, compose

__all__ = ["Song", "compose"]
