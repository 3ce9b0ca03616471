"""Which names are redacted: the answers of host/redaction.ts."""

from __future__ import annotations

import pytest
from tracepointdebug import redaction
from tracepointdebug._redacted import REDACTED_NAMES
from tracepointdebug.redaction import make_redact


@pytest.mark.parametrize(
    "name", [*REDACTED_NAMES, "Password", "API-Key", "apiKey", "x_api_key", "SESSION__ID", "Token_"]
)
def test_a_usual_name_is_redacted_however_it_is_written(name: str) -> None:
    assert make_redact()(name) is True


@pytest.mark.parametrize(
    "name", ["passwords", "tokens", "spinner", "author", "", "name", "pässword", "PASSWORD\u0130", "pin code"]
)
def test_another_name_is_not(name: str) -> None:
    assert make_redact()(name) is False


def test_added_names_are_compared_alike() -> None:
    redact = make_redact(["Customer-Number", "iban"])
    assert [redact(name) for name in ("customerNumber", "customer_number", "IBAN", "password", "number")] == [
        True, True, True, True, False,
    ]  # fmt: skip
    assert make_redact()("iban") is False


def test_an_answer_that_is_remembered_is_the_same() -> None:
    redact = make_redact()
    assert [redact(name) for name in ("pin", "pins") * 3] == [True, False] * 3


def test_a_name_beyond_the_limit_is_none_of_these() -> None:
    assert make_redact(["x" * redaction.MAX_NAME])("x" * redaction.MAX_NAME) is True
    assert make_redact(["x" * 200])("x" * 200) is False


def test_the_names_that_are_remembered_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "MAX_KNOWN", 3)
    redact = make_redact()
    assert [redact(f"n{i}") for i in range(10)] == [False] * 10
    assert redact("pin") is True
