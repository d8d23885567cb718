"""Live sessions, OSC control and plug-in racks around `streamsep`, which knows nothing of it."""
