"""The published Open-Unmix models: their folders, their download, and a fast estimator of magnitudes.

`load_umx` of `estimator` is the door; `source` is what `streamsep models get` finds. Importing this
package or `source` imports no torch.
"""
