"""Songs with known stems: what layouts hold, how they are read, checked and cut into excerpts."""
