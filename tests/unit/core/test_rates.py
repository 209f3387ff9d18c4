"""The settings of the section `guard`."""

import msgspec
import pytest

from chinwag.core.rates import Rates


@pytest.mark.parametrize("field", Rates.__struct_fields__)
def test_nothing_can_be_turned_off_by_zero(field: str) -> None:
    """A limit of nothing would shut everybody out."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({field: 0}, Rates)


def test_every_limit_has_a_sentence() -> None:
    schema = msgspec.json.schema(Rates)["$defs"]["Rates"]["properties"]
    assert all(one["description"].endswith(".") for one in schema.values())
