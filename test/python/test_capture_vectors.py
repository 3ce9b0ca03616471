"""The shared vectors of capturing: tagged values (language.md, section 14) in, Captured out."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any, Dict

import pytest
from tracepointdebug.tagged import from_tagged

from captures import variables_of

_VECTORS = json.loads((Path(__file__).parents[1] / "vectors/capture.json").read_text(encoding="utf-8"))

#: A text is measured in what its runtime measures text in: code points here, UTF-16 units where the vectors were made.
_OWN: Dict[str, Any] = {
    "a string cut before half a character": [
        ["v", {"type": "string", "value": "abc😀", "size": 5, "omitted": "length"}]
    ],
    "a string cut after a whole character": [["v", {"type": "string", "value": "ab😀d"}]],
}


def _neutral(value: Any) -> Any:
    """Bytes as the vectors write them; their class is the runtime's own and not compared."""
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, list):
        return [_neutral(item) for item in value]
    if isinstance(value, dict):
        is_bytes = value.get("type") == "bytes"
        return {key: _neutral(item) for key, item in value.items() if not (is_bytes and key == "class")}
    return value


@pytest.mark.parametrize("vector", _VECTORS, ids=[vector["name"] for vector in _VECTORS])
def test_vector(vector: Dict[str, Any]) -> None:
    """Every vector gives what Node gives, but for the unit of text."""
    variables = {name: from_tagged(tagged) for name, tagged in vector["vars"].items()}
    made = _neutral(variables_of(variables, **vector.get("limits", {})))
    wanted = _OWN.get(vector["name"], vector["variables"])
    assert made == wanted
    assert vector["name"] not in _OWN or wanted != vector["variables"]
