"""The settings of the database: what cannot stand is refused with its key, its value and what would be right."""

from __future__ import annotations

import pytest

from infra.settings import SettingsError, StackSettings

LOCAL = {"environment": "local", "account_id": "123456789012", "region": "eu-west-1"}


@pytest.mark.parametrize("key", ["database_read_replica", "database_proxy"])
def test_a_choice_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(SettingsError, match=f"valletta:{key} is 'perhaps'"):
        StackSettings.from_config({f"valletta:{name}": value for name, value in {**LOCAL, key: "perhaps"}.items()})
