"""Subcommands of `streamsep` that play through sound cards."""
