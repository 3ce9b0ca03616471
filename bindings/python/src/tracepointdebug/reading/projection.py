"""What the generator of readers asks of a projection: which nodes are leaves, which slots fail together. The projection itself is that of conditions/stages.ts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Final, List, Tuple

from .. import _abi as abi

if TYPE_CHECKING:
    from .slots import Missing

#: One step of a path: a PathNode of conditions/stages.ts.
Node = Dict[str, Any]
_SLOT: Final = abi.SLOT_BYTES


def constant(key: Any) -> str:
    """Source of an exact str or int."""
    return ascii(key)


def failed(slots: int) -> bytes:
    """All input slots as the error `internal`."""
    return b"".join(part.to_bytes(4, "little") for part in (abi.TAG_ERROR, abi.ERR_INTERNAL, 0, 0)) * slots


def is_only_presence(node: Node) -> bool:
    """Nothing is asked but whether it is there."""
    return node.get("want") == "presence" and not any(
        node.get(part) is not None for part in ("members", "fields", "each", "pairs")
    )


def is_leaf(node: Node) -> bool:
    """Of the value itself something is wanted, and nothing below it."""
    wants = node.get("want") in ("scalar", "deep")
    return wants and not any(node.get(part) for part in ("members", "fields", "each", "pairs"))


def without_slot(node: Node) -> Node:
    """The node without what is wanted of the value itself."""
    return {name: part for name, part in node.items() if name not in ("slot", "want")}


def slots_below(node: Node, up: int) -> Missing:
    """All slots of a subtree with their distance from its top: an error at the top fails them all."""
    found: List[Tuple[int, int]] = []
    if node.get("slot") is not None:
        found.append((node["slot"] * _SLOT, up))
    found += [(wanted["slot"] * _SLOT, up) for wanted in node.get("members", ())]
    found += [(node[part]["slot"] * _SLOT, up) for part in ("each", "pairs") if node.get(part) is not None]
    for child in node.get("fields", ()):
        found += slots_below(child, up + 1)
    return tuple(found)
