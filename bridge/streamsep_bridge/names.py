"""Names of presets, scenes and chains: what may come from a network."""

from __future__ import annotations

import re

NAME = re.compile(r"\w[\w .-]{0,63}")
"""What a name may be: never a path."""
