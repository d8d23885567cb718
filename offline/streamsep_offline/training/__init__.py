"""Training of cue models: multitracks to examples, examples to weights, weights to a scored model.

`python -m streamsep_offline.training RECIPE --work DIR` does all of it and goes on where it stopped.
"""
