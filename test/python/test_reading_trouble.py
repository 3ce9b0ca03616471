"""Reading beside other threads, signals and the garbage collector: nothing is raised, advanced, taken or kept."""

from __future__ import annotations

import builtins
import collections
import functools
import gc
import io
import random
import signal
import sys
import threading
import time
import types
import weakref

import pytest
from tracepointdebug import _abi as abi
from tracepointdebug.reading import access, layouts

from reading_world import World, holder, scalar, value_of, whole

PROJECTION = [
    holder(scalar("a", 0), scalar("b", 1), {"key": "items", "fields": [scalar(3, 2)]}, key="v0"),
    whole("v1", 3, depth=3),
    {
        "key": "v2",
        "slot": 4,
        "want": "size",
        "each": {"slot": 5, "slots": 1, "element": {"key": "", "fields": [scalar("a", 0)]}},
    },
    {"key": "v3", "pairs": {"slot": 6, "slots": 2, "element": scalar("", 1)}},
]


def test_nothing_is_advanced_called_or_taken():
    calls = []

    @functools.lru_cache(maxsize=None)
    def cached(value):
        calls.append(value)

    def generate():
        yield from range(3)

    generator, iterator, lock = generate(), iter([1, 2, 3]), threading.Lock()
    file, proxied = io.StringIO("abc"), map(calls.append, [1])
    queue = collections.deque([1], maxlen=1)
    values = [generator, iterator, lock, file, cached, proxied, queue, zip([1], [2]), reversed([1]), open(__file__)]
    try:
        World().reader(*PROJECTION)(values, values, values, values)
        value_of(values)
        for value in values:
            access.fields_of(value, 10)
            access.elements_of(value, 10)
        assert (next(generator), next(iterator), file.tell(), values[-1].tell()) == (0, 1, 0, 0)
        assert calls == []
        assert not lock.locked()
        assert cached.cache_info().currsize == 0
    finally:
        values[-1].close()


def test_containers_that_other_threads_change():
    mapping, members, numbers, queue = (
        {f"k{index}": 1.0 for index in range(50)},
        set(range(50)),
        [1.0] * 50,
        collections.deque(range(50)),
    )
    record = types.SimpleNamespace(a=1, b="b", items=numbers)
    rows = [{"a": 1.0} for _ in range(50)]
    stop = threading.Event()
    failures = []

    def change(seed):
        chance = random.Random(seed)
        while not stop.is_set():
            key = chance.randrange(200)
            if chance.random() < 0.5:
                mapping[f"k{key}"] = 1.0
                members.add(key)
                setattr(record, f"f{key}", 1)
                for container in (numbers, queue, rows):
                    if len(container) < 300:
                        container.append({"a": 1.0} if container is rows else 1.0)
            else:
                mapping.pop(f"k{key}", None)
                members.discard(key)
                vars(record).pop(f"f{key}", None)
                for container in (numbers, queue, rows):
                    if len(container) > 9:
                        container.pop()

    def read():
        reader = World().reader(*PROJECTION)
        try:
            while not stop.is_set():
                for value in (mapping, members, numbers, queue, rows, record):
                    assert reader(record, value, rows, value) > abi.ARENA_BASE
        except BaseException as problem:
            failures.append(problem)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    threads = [threading.Thread(target=change, args=(seed,)) for seed in range(2)] + [
        threading.Thread(target=read) for _ in range(2)
    ]
    try:
        for thread in threads:
            thread.start()
        time.sleep(0.7)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        sys.setswitchinterval(before)
    assert failures == []


def test_what_a_signal_handler_raises_goes_on_its_way():
    class AlarmError(ValueError):
        pass

    def handler(number, frame):
        raise AlarmError

    reader = World().reader(*PROJECTION)
    values = [{"a": index, "b": "b"} for index in range(256)]
    before = signal.signal(signal.SIGALRM, handler)
    landed = 0
    try:
        for attempt in range(40):
            signal.setitimer(signal.ITIMER_REAL, 0.0002 + attempt * 0.00001)
            try:
                for _ in range(1000):
                    reader(values, values, values, values)
                pytest.fail("the alarm was swallowed")
            except AlarmError as alarm:
                trace, files = alarm.__traceback__, []
                while trace is not None:
                    files.append(trace.tb_frame.f_code.co_filename)
                    trace = trace.tb_next
                landed += len(files) > 2
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert landed > 0, "no alarm came while reading"


def test_our_own_faults_become_errors_of_the_slots():
    world = World()
    # A memory that ends behind the input slots stands for any fault of ours.
    world.writer.memory = memoryview(bytearray(abi.ARENA_BASE + 32))
    reader = world.reader(scalar("a"), scalar("b", 1))
    assert reader(1, "text") == abi.ARENA_BASE + 32
    world.memory = world.writer.memory
    assert [world.slot(abi.ARENA_BASE + 16 * slot) for slot in range(2)] == [{"error": "internal"}] * 2


def of_a_hit(reader):
    """Weak references to what was read and to its class, when the program has let go of both."""

    class Thing:
        pass

    def make():
        made = Thing()
        made.function = lambda: made
        made.generator = (index for index in range(3))
        reader(made, made, [made] * 9, {"a": made})
        return weakref.ref(made)

    return make(), weakref.ref(Thing)


def test_nothing_of_the_program_is_kept():
    kept, of_class = of_a_hit(World().reader(*PROJECTION))
    # CPython 3.13 without the GIL lets no class go once there was a thread.
    _, of_class_never_read = of_a_hit(lambda *values: None)
    gc.collect()
    assert kept() is None
    assert of_class() is None or of_class_never_read() is not None, gc.get_referrers(of_class())


def test_built_in_functions_that_the_program_has_replaced():
    ran = []

    def replaced(*arguments, **named):
        ran.append(arguments)

    reader = World().reader(*PROJECTION)
    chance = random.Random(7)
    # Before, so that every layout is made after the names were replaced.
    values = [random_value(chance, 4, []) for _ in range(300)] + [
        type("Fresh", (), {"a": 1})(),
        ValueError("a"),
        2**70,
        "\ud800",
    ]
    kept = dict(vars(builtins))
    spared = ("__import__", "__build_class__", "setattr")
    names = [name for name, value in kept.items() if callable(value) and "Error" not in name and name not in spared]
    layouts.layouts.clear()
    try:
        for name in names:
            setattr(builtins, name, replaced)
        for value in values:
            reader(value, value, value, value)
            access.fields_of(value, 9)
            access.size_of(value)
    finally:
        for name in names:
            kept["setattr"](builtins, name, kept[name])
    assert ran == []


def test_a_path_as_long_as_a_condition_can_have():
    keys = [f"k{index}" for index in range(64)]
    value = "end"
    node = scalar(keys[-1])
    for key in reversed(keys):
        value = {key: value}
    for key in reversed(keys[:-1]):
        node = {"key": key, "fields": [node]}
    assert World().read([holder(node)], value) == [{"string": "end"}]
    assert World().read([holder(node)], {"k0": {}}) == [{"error": "no_such_key", "up": 62}]


def test_near_the_limit_of_recursion():
    reader = World().reader(*PROJECTION)
    value = {"a": [[[1]]], "b": types.SimpleNamespace(a=1)}
    reader(value, value, [value], value)
    seen = []

    def deeper(left):
        if left > 0:
            return deeper(left - 1)
        try:
            seen.append(reader(value, value, [value] * 5, value))
        except RecursionError:
            seen.append("call")  # not even the call of the reader had room
        return None

    limit = sys.getrecursionlimit()
    depth = 0
    frame = sys._getframe()
    while frame is not None:
        depth += 1
        frame = frame.f_back
    for left in range(limit - depth - 40, limit - depth - 1):
        try:
            deeper(left)
        except RecursionError:
            break
    assert len(seen) > 5
    assert reader(value, value, [value], value) > abi.ARENA_BASE


def random_value(chance, depth, pool):
    """A random graph: every kind, shared parts, cycles."""
    pick = chance.randrange(24)
    if depth == 0 or pick < 8:
        return chance.choice(
            [
                None,
                True,
                5,
                2**63,
                2**70,
                -1,
                1.5,
                float("nan"),
                "a",
                "é" * 9,
                "\ud800",
                b"b",
                len,
                random_value,
                int,
                object(),
                (),
                sys,
            ]
        )
    if pick == 8 and pool:
        return chance.choice(pool)

    def more():
        return random_value(chance, depth - 1, pool)

    size = chance.choice([0, 1, 3, 9, 30])
    if pick < 12:
        made = [more() for _ in range(size)]
    elif pick < 15:
        keys = [
            chance.choice(["a", "b", "items", f"k{index}", index, index + 0.5, (index,), True]) for index in range(size)
        ]
        made = {key: more() for key in keys}
    elif pick < 18:
        made = types.SimpleNamespace(**{chance.choice(["a", "b", "items", "length"]): more() for _ in range(3)})
    elif pick == 18:
        made = tuple(more() for _ in range(size))
    elif pick == 19:
        made = collections.deque(more() for _ in range(size))
    elif pick == 20:
        made = ValueError(more(), more())
    elif pick == 21:
        made = type("Made", (chance.choice([object, list, dict, str, int, Exception]),), {"shared": 1})()
        made.a = more()
    elif pick == 22:
        made = set(range(size))
    else:
        made = collections.OrderedDict(a=more(), b=more())
    pool.append(made)
    return made


@pytest.mark.parametrize("seed", range(4))
def test_random_values_never_raise(seed):
    chance = random.Random(seed)
    worlds = [World(), World(inputBytes=200), World(items=3, stringBytes=5), World(redact=lambda name: name == "b")]
    readers = [world.reader(*PROJECTION) for world in worlds]
    for _ in range(150):
        pool = []
        values = [random_value(chance, 4, pool) for _ in range(4)]
        if pool and isinstance(pool[0], list):
            pool[0].append(pool)
        for world, reader in zip(worlds, readers):
            top = reader(*values)
            assert abi.ARENA_BASE + 7 * 16 <= top <= abi.ARENA_END + 8
            slots = [world.slot(abi.ARENA_BASE + index * 16) for index in range(7)]
            assert {"error": "internal"} not in slots


def test_records_in_one_go_are_those_of_one_by_one():
    chance = random.Random(1)
    in_one_go, one_by_one = World(), World()
    fields = [scalar("a", 0), scalar("b", 1)]
    read_all = in_one_go.reader({"key": "x", "each": {"slot": 0, "slots": 2, "element": {"key": "", "fields": fields}}})
    read_one = one_by_one.reader(holder(*fields))

    class Row:
        pass

    def row(index, plain):
        found = {"a": float(index), "b": index}
        if not plain:
            found["a"] = chance.choice([1.0, 1.0, 1.0, 2, 2**64, "x", None, True])
            if chance.random() < 0.02:
                del found["a"]
        return found

    def instance(fields, plain):
        made = Row() if plain or chance.random() < 0.9 else types.SimpleNamespace()
        vars(made).update(fields)
        return made

    for _ in range(100):
        plain = chance.random() < 0.6
        rows = [row(index, plain or chance.random() < 0.8) for index in range(chance.choice([4, 5, 30, 256]))]
        for values in (rows, [instance(found, plain) for found in rows]):
            assert read_all(values) > abi.ARENA_BASE
            at = in_one_go.slot(abi.ARENA_BASE)["each"]
            for index, value in enumerate(values):
                read_one(value)
                wanted = [one_by_one.slot(abi.ARENA_BASE + slot * 16) for slot in range(2)]
                assert [in_one_go.slot(at + index * 32 + slot * 16) for slot in range(2)] == wanted
