"""What numpy made is read by its own methods, and numpy is never imported for it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from tracepointdebug.reading import access

from reading_world import field_of, records, size_of, value_of

numpy = pytest.importorskip("numpy")


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (numpy.int64(5), {"int": "5"}),
        (numpy.uint64(2**63), {"uint": str(2**63)}),
        (numpy.float32(1.5), {"double": 1.5}),
        (numpy.float64(1.5), {"double": 1.5}),
        (numpy.bool_(True), {"bool": True}),
        (numpy.str_("a"), {"string": "a"}),
        (numpy.bytes_(b"a"), {"bytes": "YQ=="}),
        (numpy.datetime64("2020-01-01T00:00:01"), {"timestamp": "2020-01-01T00:00:01Z"}),
        (numpy.timedelta64(1500, "ms"), {"duration": "1.5s"}),
        (numpy.array([1, 2]), {"list": [{"int": "1"}, {"int": "2"}]}),
        (numpy.array([1, None, "a"], dtype=object), {"list": [{"int": "1"}, {"null": None}, {"string": "a"}]}),
        (numpy.array([1, 2, 3, 4])[::2], {"list": [{"int": "1"}, {"int": "3"}]}),
        (numpy.zeros((3, 4)), {"opaque": "ndarray(3, 4)"}),
        (numpy.ma.masked_array([1, 2]), {"opaque": "MaskedArray(2,)"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_value(value, wanted):
    assert value_of(value) == wanted


def test_parts():
    row = numpy.arange(1000, dtype=numpy.float64)
    assert field_of(row, 999) == {"double": 999.0}
    assert field_of(row, 1000) == {"error": "index"}
    assert size_of(row) == {"int": "1000"}
    assert records(row)["held"] == 256
    assert access.shape_of(numpy.zeros((3, 4))) == (3, 4)
    assert size_of(numpy.zeros((3, 4))) == {"error": "no_such_overload", "unusable": True}


def test_a_subclass_with_its_own_methods():
    ran = []

    class Odd(numpy.ndarray):
        def __array_finalize__(self, other):
            ran.append("finalize")

        def __getitem__(self, key):
            ran.append("getitem")

        def tolist(self):
            ran.append("tolist")

    odd = numpy.zeros(3).view(Odd)
    ran.clear()
    assert value_of(odd) == {"opaque": "Odd(3,)"}
    assert field_of(odd, 0) == {"error": "no_such_overload"}
    assert ran == []


def test_it_is_not_imported():
    program = (
        "import sys; from tracepointdebug.reading import Writer, make_reader, access;"
        "access.kind_of(object()); access.layout_of(int);"
        "assert not {'numpy', 'pandas', 'decimal', 'ctypes'} & set(sys.modules), sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
