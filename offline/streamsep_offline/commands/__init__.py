"""Subcommands that the offline package contributes to `streamsep`."""
