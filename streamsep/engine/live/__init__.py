"""The live path: everything between an audio callback's input and its output, in machine code.

`path.play` does one callback's work without Python, locks, allocation or system calls: events at their
sample, models (`slot`), faders (`faders`), fades between models, limiter, meters and the ring of the
recorder. `engine.LiveEngine` builds its memory and talks to it.
"""
