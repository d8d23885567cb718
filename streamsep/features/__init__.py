"""What models look at: causal, level-free features of a spectrum, in PyTorch; tables in numpy."""
