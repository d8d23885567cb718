"""Live sessions: the audio in a process of its own, controlled and watched from here."""
