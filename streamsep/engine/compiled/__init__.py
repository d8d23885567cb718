"""The `compiled` engine: one nopython, no-GIL, allocation-free call per hop, built with numba.

`cache` compiles, `fft` transforms, `frame` analyses and overlap-adds, one file per model fills the
masks, `engine` puts a face on it. State is flat float32 memory (`arena`), changed in place by the
engine that owns it.
"""
