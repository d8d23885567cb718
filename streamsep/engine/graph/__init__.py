"""One hop of one or many streams as tensor code without a branch, replayed as one CUDA graph.

`program` is the hop: analysis, mask model, Wiener filter, synthesis, from the streams' memories and
samples to stems and new memories. `layout` puts everything a stream remembers into one row of floats;
`replay` runs the program on static buffers, gathers and scatters the rows, and captures all of it once
per batch size; `tuning` chooses between plain and fused kernels by measurement. `engine` is one stream
under `HopEngine`, `backend` many under the `HopBackend` of `streamsep.batch`. The networks are in
`classic_network`, `cue_network` and `open_unmix_network`, their matrices in `products`.

Without CUDA the same code runs as it stands, hop by hop: that is for tests, not for speed.
"""
