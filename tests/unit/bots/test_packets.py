"""What servers say, read."""

import pytest

from chinwag.bots.packets import Ctrl, Data, Info, Packet, decode, encode


def test_a_message_is_read() -> None:
    raw = b'{"data":{"topic":"usrA","from":"usrA","seq":3,"ts":"t","content":{"txt":"x"},"new":1}}'
    assert decode(raw).data == Data("usrA", 3, "usrA", "t", None, {"txt": "x"})


def test_an_info_is_read() -> None:
    raw = b'{"info":{"topic":"usrA","from":"usrB","what":"read","seq":3}}'
    assert decode(raw).info == Info("usrA", "read", "usrB", 3)


@pytest.mark.parametrize("raw", [b"", b"0", b"{", b"[]", b'{"data":{}}', b"\xff", b'{"ctrl":3}'])
def test_what_cannot_be_read_is_empty(raw: bytes) -> None:
    assert decode(raw) == Packet()


def test_params_are_found_by_name() -> None:
    assert Ctrl(params={"seq": 3}).param("seq") == 3
    assert Ctrl().param("seq") is None


def test_a_request_is_written() -> None:
    assert encode({"hi": {"ver": "0.25"}}) == b'{"hi":{"ver":"0.25"}}'
