"""Files that stand in texts."""

import pytest

from chinwag.importing.references import files_in


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (None, []),
        (b'"hello"', []),
        (b'{"ref":"/v0/file/s/sJOD_tZDPz0.jpg"}', ["sJOD_tZDPz0"]),
        (b'["/v0/file/s/sJOD_tZDPz0","https://h/v0/file/s/sJOD_tZDPz0?a=1"]', ["sJOD_tZDPz0"]),
        (b'"/v0/file/s/short" /v0/file/s/muchtoolongtobeone', []),
    ],
)
def test_files_in_a_text(raw: bytes | None, found: list[str]) -> None:
    assert files_in(raw) == found
