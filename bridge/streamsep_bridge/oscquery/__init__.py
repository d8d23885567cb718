"""OSCQuery: every address of a live session with its range and value, as JSON over HTTP, found by mDNS."""
