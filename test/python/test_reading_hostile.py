"""Reading runs none of the program's code, whatever its classes define, and says what it could not read."""

from __future__ import annotations

import array
import collections
import datetime as dt
import enum
import sys
import types

import pytest
from tracepointdebug.reading import access

from reading_world import METHODS, RAN, World, field_of, holder, records, scalar, size_of, trap, traps, value_of, whole


@pytest.fixture(autouse=True)
def nothing_ran():
    RAN.clear()
    yield
    assert RAN == []


class Meta(type):
    """A metaclass of which every method is a trap once classes are made."""


def arm():
    """From here on the metaclass, too, is a trap."""
    for name in METHODS:
        setattr(Meta, name, trap(f"Meta.{name}"))


def disarm():
    for name in METHODS:
        type.__delattr__(Meta, name)


def reads(action):
    arm()
    try:
        return action()
    finally:
        disarm()


def all_reads(value):
    """Every way in which a reader or a snapshot looks at a value."""
    world = World()
    projection = [
        holder(scalar("a", 0), scalar("zz", 1), scalar(0, 2), {"key": "a", "slot": 3, "want": "presence"}),
        whole("x", 4, members=[{"key": "a", "slot": 5}]),
        {"key": "x", "slot": 6, "want": "size", "each": {"slot": 7, "slots": 1, "element": scalar("", 0)}},
        {"key": "x", "pairs": {"slot": 8, "slots": 2, "element": scalar("", 1)}},
        holder({"key": "length", "slot": 9, "want": "scalar", "alias": True}),
    ]
    found = world.read(projection, *[value] * 5)
    in_list = world.read(
        [{"key": "x", "each": {"slot": 0, "slots": 1, "element": {"key": "", "fields": [scalar("a")]}}}], [value] * 9
    )
    parts = [
        access.kind_of(value),
        access.class_name(value),
        access.qualname_of(type(value)),
        access.size_of(value),
        len(access.elements_of(value, 10)),
        len(access.entries_of(value, 10)),
        len(access.fields_of(value, 10)),
        access.text_of(value, 100),
        access.shape_of(value),
    ]
    return found, in_list, parts


BASES = {
    "object": (),
    "dict": (dict,),
    "list": (list,),
    "tuple": (tuple,),
    "set": (set,),
    "frozenset": (frozenset,),
    "str": (str,),
    "bytes": (bytes,),
    "bytearray": (bytearray,),
    "int": (int,),
    "float": (float,),
    "complex": (complex,),
    "deque": (collections.deque,),
    "OrderedDict": (collections.OrderedDict,),
    "defaultdict": (collections.defaultdict,),
    "Counter": (collections.Counter,),
    "array": (array.array,),
    "exception": (Exception,),
    "OSError": (OSError,),
    "datetime": (dt.datetime,),
    "date": (dt.date,),
    "time": (dt.time,),
    "timedelta": (dt.timedelta,),
    "module": (types.ModuleType,),
}
ARGUMENTS = {"array": ("i",), "datetime": (2020, 1, 2), "date": (2020, 1, 2), "timedelta": (1,), "module": ("m",)}


@pytest.mark.parametrize("kind", BASES)
def test_no_method_of_a_hostile_subclass_runs(kind):
    (base,) = BASES[kind] or (object,)
    cls = Meta("Odd", BASES[kind], traps())
    maker = base if kind != "Counter" else dict
    made = maker.__new__(cls, *ARGUMENTS.get(kind, ()))
    found, _, parts = reads(lambda: all_reads(made))
    assert RAN == []
    assert parts[1] == "Odd"
    assert found[1]["error"] in ("no_such_field", "side_effect", "no_such_key", "no_such_overload")


@pytest.mark.parametrize("name", ["__dict__", "__class__", "__slots__", "__mro__", "__doc__", "__name__", "__module__"])
def test_a_class_that_hides_its_structure(name):
    body = {name: ("p", "q") if name == "__slots__" else "m" if name == "__module__" else property(trap(name))}
    cls = Meta("Odd", (), {**traps(), **body})
    made = object.__new__(cls)
    if name != "__slots__":
        object.__setattr__(made, "a", 1)
    found, _, _ = reads(lambda: all_reads(made))
    assert RAN == []
    if name != "__slots__":
        assert found[0] == {"int": "1"}


def test_a_metaclass_that_makes_its_own_order_of_bases():
    class Order(type):
        def mro(cls):
            return [cls, Base, object]

    class Base:
        shared = 7

    class Odd(metaclass=Order):
        pass

    made = Odd()
    made.a = 1
    assert field_of(made, "a") == {"int": "1"}
    assert field_of(made, "shared") == {"int": "7"}


def test_a_property_is_a_side_effect_and_is_there():
    class Account:
        balance = property(trap("balance"))

        def method(self):
            RAN.append("method")

    account = Account()
    assert field_of(account, "balance") == {"error": "side_effect"}
    assert field_of(account, "method") == {"error": "side_effect"}
    assert field_of(account, "balance", "more") == {"error": "side_effect", "up": 1}
    assert field_of(account, "nothing") == {"error": "no_such_field"}
    presence = World().read([holder({"key": "balance", "slot": 0, "want": "presence"})], account)
    assert presence == [{"null": None}]


def test_a_descriptor_of_any_kind_is_a_side_effect():
    class Lazy:
        __get__ = trap("__get__")

    class Data(Lazy):
        __set__ = trap("__set__")

    class Odd:
        lazy = Lazy()
        data = Data()

    assert field_of(Odd(), "lazy") == {"error": "side_effect"}
    assert field_of(Odd(), "data") == {"error": "side_effect"}


def test_what_the_instance_holds_comes_before_a_property_of_its_class():
    class Row:
        name = property(trap("name"), trap("name"))

    row = Row()
    vars(row)["name"] = "bob"
    assert field_of(row, "name") == {"string": "bob"}


@pytest.mark.skipif(sys.version_info < (3, 8), reason="functools.cached_property")
def test_a_cached_property_reads_once_it_was_computed():
    import functools

    class Order:
        @functools.cached_property
        def total(self):
            RAN.append("total")
            return 5

    order = Order()
    assert field_of(order, "total") == {"error": "side_effect"}
    assert RAN == []
    assert order.total == 5
    RAN.clear()
    assert field_of(order, "total") == {"int": "5"}


@pytest.mark.parametrize("hook", ["__getattr__", "__getattribute__"])
def test_a_member_that_only_a_hook_could_give_is_a_side_effect_and_not_known_to_be_there(hook):
    cls = type("Odd", (), {hook: trap(hook)})
    made = object.__new__(cls)
    object.__setattr__(made, "a", 1)
    assert field_of(made, "a") == {"int": "1"}
    assert field_of(made, "b") == {"error": "side_effect"}
    assert World().read([holder({"key": "b", "slot": 0, "want": "presence"})], made) == [{"error": "side_effect"}]


def test_a_class_that_changes_between_two_hits():
    class Order:
        pass

    orders = [Order() for _ in range(9)]
    for index, order in enumerate(orders):
        order.total = float(index)
    assert records(orders, "total")["rows"][8] == [{"double": 8.0}]
    Order.__getattribute__ = trap("__getattribute__")
    assert records(orders, "total")["rows"][8] == [{"double": 8.0}]
    del Order.__getattribute__
    Order.total = property(trap("total"))
    assert records(orders, "total")["rows"][8] == [{"double": 8.0}]
    evil = type("Evil", (Order,), {"__dict__": property(trap("__dict__"))})
    for order in orders:
        order.__class__ = evil
    assert records(orders, "total")["rows"][8] == [{"double": 8.0}]


class Key:
    """A key that looks like another one and traces what it is asked."""

    def __init__(self, like):
        self.code = hash(like)

    def __hash__(self):
        return self.code

    __eq__ = trap("Key.__eq__")


class TextKey(str):
    __slots__ = ()
    __hash__ = str.__hash__
    __eq__ = trap("TextKey.__eq__")


@pytest.mark.parametrize("size", [0, 3, 40, 300])
@pytest.mark.parametrize("like", ["a", 1])
def test_keys_that_collide_are_never_compared(like, size):
    odd = {Key(like): "odd", **{f"k{index}": index for index in range(size)}}
    assert field_of(odd, like) == {"error": "no_such_key"}
    # To put the true key beside it without asking the odd one, it goes in first.
    both = {like: "true", **{f"k{index}": index for index in range(size)}}
    other = dict.fromkeys([Key("zz")])
    other.update(both)
    assert field_of(other, like) == {"string": "true"}
    assert World().read([{"key": "x", "members": [{"key": "zz", "slot": 0}]}], other) == [{"member": False}]


def test_a_dict_of_an_instance_with_keys_that_collide():
    class Odd:
        pass

    made = Odd()
    made.__dict__ = {Key("a"): 1, "b": 2.0}
    odd = [made] * 9
    assert field_of(made, "a") == {"error": "no_such_field"}
    assert field_of(made, "b") == {"double": 2.0}
    assert records(odd, "a")["rows"][8] == [{"error": "no_such_field"}]
    assert records(odd, "b")["rows"][8] == [{"double": 2.0}]
    assert value_of(made) == {"object": {"class": "Odd", "fields": {"b": {"double": 2.0}}}}


def test_a_text_key_of_the_programs_own_class_is_found_by_its_text():
    assert field_of({TextKey("a"): 1, 2: 3}, "a") == {"int": "1"}


def test_a_dict_of_an_instance_that_is_of_a_class_of_the_program():
    odd = type("Odd", (dict,), traps())
    held = dict.__new__(odd)
    dict.__setitem__(held, "a", 1.0)
    made = [types.SimpleNamespace(), *[type("Plain", (), {})() for _ in range(9)]]
    for one in made[1:]:
        one.__dict__ = held
        assert field_of(one, "a") == {"double": 1.0}
    assert records([made[1]] * 9, "a")["rows"][8] == [{"double": 1.0}]


def test_a_dict_with_its_own_methods_is_read_past_them():
    odd = type("Odd", (dict,), traps())
    made = dict.__new__(odd)
    dict.__setitem__(made, "a", 1)
    assert field_of(made, "a") == {"int": "1"}
    assert size_of(made) == {"int": "1"}
    assert value_of(made) == {"map": [[{"string": "a"}, {"int": "1"}]]}
    assert records(made)["rows"] == [[{"string": "a"}]]
    counts = collections.defaultdict(trap("factory"))
    assert field_of(counts, "missing") == {"error": "no_such_key"}
    assert len(counts) == 0


def test_a_proxy_of_a_mapping_of_the_programs_own_is_not_asked():
    class Odd(dict):
        __len__ = __iter__ = __getitem__ = keys = items = trap("Odd")

    assert field_of(types.MappingProxyType({"a": 1}), "a") == {"int": "1"}
    assert field_of(types.MappingProxyType(collections.UserDict(a=1)), "a") == {"error": "side_effect"}
    assert size_of(types.MappingProxyType(Odd(a=1))) == {"int": "1"}


def test_a_zone_of_the_programs_own_is_not_asked():
    class Zone(dt.tzinfo):
        utcoffset = dst = tzname = trap("Zone")

    assert value_of(dt.datetime(2020, 1, 1, tzinfo=Zone())) == {"error": "side_effect"}


def test_an_enum_with_its_own_methods():
    class Colour(enum.Enum):
        RED = 1

    for name in ("__eq__", "__hash__", "__str__", "__repr__", "__getattribute__"):
        setattr(Colour, name, trap(name))
    wanted = {"enum": {"class": "Colour", "name": "RED", "value": {"int": "1"}}}
    colour = type.__getattribute__(Colour, "_member_map_")["RED"]
    assert value_of(colour) == wanted
    assert field_of(colour, "name") == {"string": "RED"}


def test_conversions_are_not_used_for_columns_of_numbers():
    class Odd:
        __float__ = __index__ = __int__ = trap("conversion")

    rows = [{"a": 1.0} for _ in range(8)] + [{"a": Odd()}]
    assert records(rows, "a")["rows"][7] == [{"double": 1.0}]
    assert records(rows, "a")["rows"][8][0]["object"]["class"] == "Odd"


def test_a_handler_of_errors_in_texts_is_not_asked():
    import codecs

    codecs.register_error("strict", trap("strict"))
    try:
        assert value_of("a\ud800b") == {"string": "a\ufffdb"}
    finally:
        codecs.register_error("strict", codecs.strict_errors)
