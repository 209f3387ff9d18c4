"""How others know that a request is ours: an example that anybody can compute."""

import hashlib
import hmac

from chinwag.core.signing import signature


def test_the_time_and_the_body_are_signed() -> None:
    found = signature("secret", 1_767_600_000, b'{"a":1}')
    expected = hmac.new(b"secret", b'1767600000.{"a":1}', hashlib.sha256).hexdigest()
    assert found == f"t=1767600000,v1={expected}"
    assert signature("secret", 1_767_600_001, b'{"a":1}') != found
    assert signature("other", 1_767_600_000, b'{"a":1}') != found
