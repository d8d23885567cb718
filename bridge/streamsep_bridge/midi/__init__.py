"""MIDI controllers: which there are, which of their knobs moves what, and the thread that moves it."""
