"""Public ids of numbers in the database. Source: specification 05, paragraph 4.3."""

import base64

import pytest

from chinwag.importing.cipher import Cipher, key_of
from chinwag.importing.report import CannotImport

KEY_A = "la6YsO+bNX/+XIkOqc5Svw=="
A, B = Cipher(key_of(KEY_A)), Cipher(b"testkey1testkey2")


@pytest.mark.parametrize(
    ("cipher", "number", "uid"),
    [
        (A, 1, "usrwuyXQ3qCROw"),
        (A, 12345, "usr4ZtOWERh59k"),
        (A, 1598886558495150080, "usrElFc2oqZVIY"),
        (A, 1598886558759391232, "usrgpFkDU6fGFs"),
        (A, 1598886559011049472, "usr1ss9xs77t-g"),
        (A, 1598886559245930496, "usrJMfccDIt2NQ"),
        (A, 1598886559480811520, "usrJfbNmxEPp_I"),
        (A, 1598886559719886848, "usr1zu3YsPVSSw"),
        (A, 1598886559950573568, "usrHq_c5TH2R_g"),
        (A, 1598886560260952064, "usrzk9HTK8GP78"),
        (A, 1598886690775109632, "usrxf3UElwSp8c"),
        (A, 1598886690808664064, "usr2LJeGM4LxXA"),
        (B, 1, "usrv3M-VbfIAng"),
        (B, 42, "usrBV8VKupZbGc"),
        (B, 12345, "usrHa-VCdHK_kY"),
        (B, 67890, "usrxo4yL8XCH4Q"),
        (B, 1000000, "usr2I8FCylmZG8"),
        (B, 9223372036854775807, "usrTIBB0KhrnCg"),
    ],
)
def test_ids_are_those_of_the_reference_tool(cipher: Cipher, number: int, uid: str) -> None:
    assert cipher.uid(number) == uid


def test_nobody_stays_nobody() -> None:
    """0 never goes through the cipher, which would make somebody of it."""
    assert A.uid(0) == A.uid(None) == ""
    assert base64.urlsafe_b64encode(B.block(0)).decode().rstrip("=") == "E1R4g3CHtlc"


def test_files_have_an_id_in_addresses_and_a_name_on_disk() -> None:
    assert A.file_id(489390341091233792) == "sJOD_tZDPz0"
    assert A.file_name(489390341091233792) == "wcjyh7wwim7t2"
    assert A.file_name(12345) == "4gnu4wcemht5s"


@pytest.mark.parametrize("text", ["", "la6Y", "no base64!", KEY_A + "la6Y", "ключ"])
def test_a_key_that_is_none_is_refused_in_words(text: str) -> None:
    with pytest.raises(CannotImport, match="uid_key"):
        key_of(text)
