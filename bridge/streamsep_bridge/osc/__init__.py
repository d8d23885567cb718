"""OSC: faders, switches and scenes of a live session over the network, and what it tells in return."""
