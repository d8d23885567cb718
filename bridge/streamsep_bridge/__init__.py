"""Live sessions, OSC control and plug-in racks around `streamsep`; depends on it, never the other way."""
