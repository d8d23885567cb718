"""A digital audio workstation beside a live session: its project, its patch bay, its faders."""
