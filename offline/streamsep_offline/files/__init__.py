"""Songs as files: read, separated in constant memory, written whole or not at all, many at a time."""
