"""How bytes arrive: WebSocket, HTTP, files."""
