"""`streamsep serve`: many listeners share one model over WebSocket. See `docs/serve.md`."""
