"""How others know that a request is ours, and when it was made."""

import hmac


def signature(secret: str, at_s: int, body: bytes) -> str:
    """The header of a request; its time is signed as well, so that old ones can be refused."""
    signed = hmac.digest(secret.encode(), f"{at_s}.".encode() + body, "sha256")
    return f"t={at_s},v1={signed.hex()}"
