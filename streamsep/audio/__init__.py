"""Audio files and pipes, block by block: float32 [channels, samples] in and out in constant memory.

`reader.open_audio` reads whatever libsndfile reads, WAV from a pipe, and raw samples.
`writer.AudioWriter` writes WAV, FLAC, OGG and MP3 files that appear under their name only when they
are playable, and WAV to a pipe. Anything that goes wrong is an `AudioFileError` of one line.
"""
