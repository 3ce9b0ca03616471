"""Turns a projection into a function that reads exactly those paths of Python values into slots. The function is generated source with the names and addresses as
constants and runs none of the program's code (see access.py). It raises nothing of its own and keeps nothing of the program's.
"""

from __future__ import annotations

from struct import error as PackError
from typing import Any, Callable, Dict, Final, List, Optional, Tuple

from .. import _abi as abi
from .._limits import LIMITS
from ..unavailable import UNAVAILABLE
from . import natives
from .access import field, presence
from .columns import FEWEST, MOST_KEYS, Forms, columns_source, shows_dict
from .layouts import layout_of, layouts
from .lookup import MISSING, TEXT_TABLES, Fault
from .members import own_dict
from .projection import Node, constant, failed, is_leaf, is_only_presence, slots_below, without_slot
from .records import each, pairs
from .slots import Missing, pack_slot
from .writer import Copier, Writer, write_member

__builtins__ = natives.BUILTINS

#: Reads the roots, in the projection's order, into the input slots; gives the first free arena address.
Reader = Callable[..., int]

_EMPTY: Final[Dict[str, Any]] = {}
_SLOT: Final = abi.SLOT_BYTES


def make_reader(projection: Dict[str, Any], writer: Writer, limits: Optional[Dict[str, int]] = None) -> Reader:
    """Makes the reader of a projection, for the guest of the writer.

    What it returns never raises, unless a signal handler of the program does so in the middle of it.
    """
    return _Source(projection, writer, LIMITS if limits is None else limits).build()


def holder_dict(holder: Any, cls: type) -> Any:
    """The dict in which fields are found by text, if that is all there is to it; else an empty one, so that `field` finds out."""
    layout = layout_of(cls)
    if layout.kind != "object":
        return _EMPTY
    held = own_dict(holder, layout)
    return _EMPTY if type(held) is not dict or held.__sizeof__() not in TEXT_TABLES else held


class _Source:
    """The source of one reader, built from the top of the projection down."""

    def __init__(self, projection: Dict[str, Any], writer: Writer, limits: Dict[str, int]) -> None:
        self.roots: List[Node] = projection["roots"]
        self.start = abi.ARENA_BASE + projection["slots"] * _SLOT
        end = min(self.start + limits["inputBytes"], abi.ARENA_BASE + limits["arenaBytes"])
        self.copier = Copier(writer, end, limits)
        self.limits = limits
        self.lines: List[str] = []
        self.level = 3
        self.names = 0
        #: Lines of functions that the reader calls.
        self.functions: List[str] = []
        #: What the generated code refers to by name.
        self.scope: Dict[str, Any] = {
            "mem": writer.memory,
            "words": writer.words,
            "doubles": writer.doubles,
            "fail_all": self.copier.fail_all,
            "value": self.copier.value,
            "text": self.copier.text,
            "size": self.copier.size,
            "error": self.copier.error,
            "length_of": self.copier.length_of,
            "copier": self.copier,
            "opaques": self.copier.opaques,
            "member": write_member,
            "each": each,
            "shows_dict": shows_dict,
            "KeyError": KeyError,
            "ValueError": ValueError,
            "pairs": pairs,
            "field": field,
            "presence": presence,
            "holder_dict": holder_dict,
            "layouts_get": layouts.get,
            "pack_slot": pack_slot,
            "TEXT": TEXT_TABLES,
            "EMPTY": _EMPTY,
            "MISSING": MISSING,
            "Fault": Fault,
            "FAULTY": natives.FAULTY,
            "PackError": PackError,
            "UNAVAILABLE": UNAVAILABLE,
            "is_own": natives.is_own,
            "FAILED": failed(projection["slots"]),
            # As they are now: the program may put others into `builtins`.
            **{name.__name__: name for name in (type, id, len, float, int, str, dict, list)},
        }

    def build(self) -> Reader:
        for index, root in enumerate(self.roots):
            if self.is_redacted(root):
                self.refuse(root, "")
            else:
                self.use(root, f"v{index}", "")
        params = ", ".join(f"v{index}" for index in range(len(self.roots)))
        first, last = abi.ARENA_BASE, self.start
        body = "\n".join(self.lines)
        functions = "\n".join("    " + line for line in self.functions)
        source = f"""
def make({", ".join(self.scope)}):
{functions}
    def read({params}):
        top = {self.start}
        try:
            pass
{body}
        except FAULTY as problem:
            if not is_own(problem):
                raise
            mem[{first}:{last}] = FAILED
        if opaques:
            del opaques[:]
        return top
    return read
"""
        namespace: Dict[str, Any] = {"__name__": __name__, "__builtins__": natives.BUILTINS}
        exec(
            compile(source, natives.GENERATED, "exec"), namespace
        )  # constants of a verified projection and nothing else
        return namespace["make"](**self.scope)  # type: ignore[no-any-return]

    def line(self, text: str) -> None:
        self.lines.append("    " * self.level + text)

    def block(self, head: str) -> _Block:
        self.line(head)
        return _Block(self)

    def name(self, prefix: str) -> str:
        self.names += 1
        return f"{prefix}{self.names}"

    def at(self, slot: int, record: str) -> str:
        """Source of the byte address of a slot: at the input, or in the record whose address is in the variable `record`."""
        offset = slot * _SLOT
        return str(abi.ARENA_BASE + offset) if record == "" else record if offset == 0 else f"{record} + {offset}"

    def words_of(self, address: str) -> Tuple[str, str]:
        """Source of the indexes of the two words of a slot."""
        if address.isdigit():
            return str(int(address) >> 3), str((int(address) >> 3) + 1)
        return f"({address}) >> 3", f"({address} + 8) >> 3"

    def use(self, node: Node, x: str, record: str) -> None:
        """Writes what is wanted of the value in variable `x`, then goes on to its fields."""
        slot = node.get("slot")
        if slot is not None:
            self.use_value(node, x, self.at(slot, record))
        for wanted in node.get("members", ()):
            self.line(f"top = member(copier, {self.at(wanted['slot'], record)}, {x}, {constant(wanted['key'])}, top)")
        if node.get("each") is not None:
            self.use_each(node["each"], x, record, "each")
        if node.get("pairs") is not None:
            self.use_each(node["pairs"], x, record, "pairs")
        fields = node.get("fields", ())
        if fields:
            self.use_fields(fields, x, record)

    def use_value(self, node: Node, x: str, address: str, below: Missing = (), record: str = "") -> None:
        """Writes the value in variable `x`. Where it may be a Fault, the slots `below` are those that fail with it."""
        want = node["want"]
        if want == "presence":
            # Of a variable that does not exist nothing is there.
            with self.block(f"if {x} is UNAVAILABLE:"):
                self.line(f"error({address}, {abi.ERR_UNDECLARED})")
            with self.block("else:"):
                self.line(f"pack_slot(mem, {address}, {abi.TAG_NULL}, 0, 0, 0)")
            return
        if want == "size":
            self.line(f"size({address}, {x})")
            return
        most = self.limits["stringBytes"]
        cap = min(node.get("cap", most), most)
        depth = node.get("depth", 1) if want == "deep" else 0
        kind, length = self.name("t"), self.name("n")
        word, payload = self.words_of(address)
        self.line(f"{kind} = type({x})")
        # Two words one after the other: one call that packs both takes half as long again.
        with self.block(f"if {kind} is float:"):
            self.line(f"words[{word}] = {abi.TAG_DOUBLE}")
            self.line(f"doubles[{payload}] = {x}")
        with self.block(f"elif {kind} is int:"):
            with self.block("try:"):
                self.line(f"words[{payload}] = {x}")
                self.line(f"words[{word}] = {abi.TAG_INT}")
            with self.block("except ValueError:"):  # of more than 64 bits
                self.line(f"top = value({address}, {x}, 0, 0, top)")
        with self.block(f"elif {kind} is str:"):
            self.line(f"{length} = len({x})")
            with self.block(f"if {x}.isascii() and {length} <= {cap} and top + {length} <= {self.copier.end}:"):
                self.line(f"mem[top:top + {length}] = {x}.encode()")
                self.line(f"words[{word}] = {abi.TAG_STRING} + ({length} << 32)")
                self.line(f"words[{payload}] = top")
                self.line(f"top = (top + {length} + 7) & -8")
            with self.block("else:"):
                self.line(f"top = text({address}, {x}, {cap}, top)")
        if below:
            with self.block(f"elif {kind} is Fault:"):
                self.fail(below, record, x)
        with self.block("else:"):
            self.line(f"top = value({address}, {x}, {depth}, {cap}, top)")

    def is_redacted(self, node: Node) -> bool:
        redact = self.copier.redact
        return redact is not None and type(node["key"]) is str and redact(node["key"])

    def fail(self, below: Missing, record: str, fault: str) -> None:
        """Fails the slots of a subtree with the fault in a variable."""
        missing = self.name("m")
        self.scope[missing] = below
        self.line(f"fail_all({record or abi.ARENA_BASE}, {missing}, {fault})")

    def refuse(self, node: Node, record: str) -> None:
        """Fails every slot below a name that may not be read: the value is not touched."""
        self.scope["REDACTED"] = Fault(abi.ERR_REDACTED)
        self.fail(slots_below(node, 0), record, "REDACTED")

    def use_fields(self, fields: List[Node], x: str, record: str) -> None:
        named = [node for node in fields if type(node["key"]) is str and not self.is_redacted(node)]
        held = ""
        if named:
            held, kind, layout = self.name("d"), self.name("t"), self.name("l")
            self.line(f"{kind} = type({x})")
            with self.block(f"if {kind} is dict:"):
                self.line(f"{held} = {x}")
            with self.block("else:"):
                self.line(f"{layout} = layouts_get(id({kind}))")
                with self.block(f"if {layout} is not None and {layout}.plain is not None:"):
                    self.line(f"{held} = {layout}.plain({x})")
                with self.block("else:"):
                    self.line(f"{held} = holder_dict({x}, {kind})")
            with self.block(f"if type({held}) is not dict or {held}.__sizeof__() not in TEXT:"):
                self.line(f"{held} = EMPTY")
        for node in fields:
            if self.is_redacted(node):
                self.refuse(node, record)
            else:
                self.use_field(node, x, held, record)

    def use_field(self, node: Node, x: str, held: str, record: str) -> None:
        key = constant(node["key"])
        alias = node.get("alias") is True
        if alias and node.get("slot") is not None:
            self.line(f"top = length_of({self.at(node['slot'], record)}, {x}, top)")
            if not slots_below(without_slot(node), 0):
                return
        found = self.name("x")
        read = "presence" if is_only_presence(node) else "field"
        if type(node["key"]) is str:
            self.line(f"{found} = {held}.get({key}, MISSING)")
            with self.block(f"if {found} is MISSING:"):
                self.line(f"{found} = {read}({x}, {key})")
        else:
            # A slice: another thread may shorten the list between two steps.
            self.line(f"{found} = {x}[{key}:{node['key'] + 1}] if type({x}) is list and {key} >= 0 else EMPTY")
            self.line(f"{found} = {found}[0] if {found} else {read}({x}, {key})")
        if is_leaf(node) and not alias:
            self.use_value(node, found, self.at(node["slot"], record), slots_below(node, 0), record)
            return
        with self.block(f"if type({found}) is Fault:"):
            if alias:
                # Without such a field `length` is a number, so that it is the next step that fails. Its own slot is written above.
                self.scope["LENGTH"] = Fault(abi.ERR_NO_SUCH_OVERLOAD)
                with self.block(f"if {found}.code in ({abi.ERR_NO_SUCH_FIELD}, {abi.ERR_NO_SUCH_KEY}):"):
                    self.line(f"{found} = LENGTH")
            self.fail(slots_below(without_slot(node), -1) if alias else slots_below(node, 0), record, found)
        with self.block("else:"):
            self.line("pass")
            self.use(without_slot(node) if alias else node, found, record)

    def use_each(self, node: Node, x: str, record: str, go: str) -> None:
        width = node["slots"] * _SLOT
        at, found, element, key = self.name("r"), self.name("es"), self.name("e"), self.name("k")
        header = self.at(node["slot"], record)
        if go == "each":
            # The usual case in place: a whole list. A slice, because another thread may change the list between two steps.
            length, most = self.name("n"), self.limits["items"]
            self.line(f"{found} = {x}[:{most + 1}] if type({x}) is list else None")
            self.line(f"{length} = -1 if {found} is None else len({found})")
            with self.block(f"if 0 <= {length} <= {most} and top + {length} * {width} <= {self.copier.end}:"):
                word, payload = self.words_of(header)
                self.line(f"words[{word}] = {abi.TAG_EACH} + ({length} << 32)")
                self.line(f"words[{payload}] = top + ({length} << 32)")
                self.line(f"{at} = top")
                self.line(f"top += {length} * {width}")
            with self.block("else:"):
                self.line(f"{at}, top, {found} = each(copier, {header}, {x}, {width}, top)")
        else:
            self.line(f"{at}, top, {found} = pairs(copier, {header}, {x}, {width}, top)")
        keys = self.column_keys(node["element"], node["slots"]) if go == "each" else ()
        if keys and TEXT_TABLES:
            columns, forms = self.name("columns"), self.name("forms")
            self.scope[forms] = Forms()
            self.functions += columns_source(columns, forms, keys)
            with self.block(f"if len({found}) >= {FEWEST} and {columns}({found}, {at}):"):
                self.line(f"{found} = ()")
        with self.block(f"for {key + ', ' if go == 'pairs' else ''}{element} in {found}:"):
            if go == "pairs":
                self.line(f"top = value({at}, {key}, 0, {self.limits['stringBytes']}, top)")
                with self.block(f"if type({element}) is Fault:"):
                    self.fail(slots_below(node["element"], 0), at, element)
                with self.block("else:"):
                    self.line("pass")
                    self.use(node["element"], element, at)
            else:
                self.use(node["element"], element, at)
            self.line(f"{at} += {width}")

    def column_keys(self, element: Node, slots: int) -> Tuple[str, ...]:
        """The keys of the fields of an element of which nothing but scalars is wanted, in the order of their slots; else none."""
        fields = element.get("fields", ())
        if "slot" in element or not all(is_leaf(field) and field["want"] == "scalar" for field in fields):
            return ()
        if any(
            type(field["key"]) is not str or field.get("alias") is True or self.is_redacted(field) for field in fields
        ):
            return ()
        by_slot = {field["slot"]: field["key"] for field in fields}
        bare = not any(element.get(part) for part in ("members", "each", "pairs"))
        fits = 0 < slots <= MOST_KEYS and sorted(by_slot) == list(range(slots))
        return tuple(by_slot[slot] for slot in range(slots)) if bare and fits else ()


class _Block:
    """One level of indentation."""

    def __init__(self, source: _Source) -> None:
        self.source = source

    def __enter__(self) -> None:
        self.source.level += 1

    def __exit__(self, *_: object) -> None:
        self.source.level -= 1
