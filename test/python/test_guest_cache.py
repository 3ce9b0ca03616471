"""The compiled engine on disk: taken only from where nobody else can have put it, and never missed."""

from __future__ import annotations

import os
import stat

import pytest
from tracepointdebug.guest import cache


class Module:
    """In the place of wasmtime's: says whether it was compiled or loaded."""

    def __init__(self, engine, wasm):
        self.made = ("compiled", wasm)

    def serialize(self):
        return bytearray(b"machine code of " + self.made[1])

    @classmethod
    def deserialize(cls, engine, data):
        if not data.startswith(b"machine code of "):
            raise Wasmtime.WasmtimeError("of another processor")
        made = cls.__new__(cls)
        made.made = ("loaded", data[len(b"machine code of ") :])
        return made


class Wasmtime:
    class WasmtimeError(Exception):
        pass

    Module = Module


def load(wasm=b"wasm", version="50.0.1"):
    return cache.load_compiled(Wasmtime, None, version, wasm).made


@pytest.fixture
def folder(tmp_path, monkeypatch):
    tmp_path.chmod(0o755)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "tracepointdebug"


def test_is_compiled_once_and_loaded_from_then_on(folder):
    assert load() == ("compiled", b"wasm")
    assert load() == ("loaded", b"wasm")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    (entry,) = folder.iterdir()
    assert stat.S_IMODE(entry.stat().st_mode) == 0o600


def test_another_engine_and_another_wasmtime_have_entries_of_their_own(folder):
    load()
    assert load(wasm=b"other") == ("compiled", b"other")
    assert load(version="49.0.0") == ("compiled", b"wasm")
    assert load() == ("loaded", b"wasm")


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data + b"x",
        lambda data: data[:40] + bytes([data[40] ^ 1]) + data[41:],
        lambda data: b"x" * (cache.MAX_BYTES + 1),
    ],
)
def test_a_damaged_entry_is_compiled_anew_and_replaced(folder, damage):
    load()
    (entry,) = folder.iterdir()
    entry.write_bytes(damage(entry.read_bytes()))
    assert load() == ("compiled", b"wasm")
    assert load() == ("loaded", b"wasm")


def test_an_entry_that_wasmtime_refuses_is_compiled_anew_and_replaced(folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Module, "serialize", lambda self: bytearray(b"of another processor"))
        assert load() == ("compiled", b"wasm")
    assert load() == ("compiled", b"wasm")
    assert load() == ("loaded", b"wasm")


def test_entries_do_not_pile_up(folder):
    for major in range(2 * cache.MAX_ENTRIES):
        load(version=f"{major}.0.0")
        (entry,) = (path for path in folder.iterdir() if f"-{major}.0.0-" in path.name)
        os.utime(entry, (major, major))
    # One that is written last is the newest, whatever the time of the others.
    names = {path.name.split("-")[2] for path in folder.iterdir()}
    assert len(names) == cache.MAX_ENTRIES
    assert f"{2 * cache.MAX_ENTRIES - 1}.0.0" in names
    assert "0.0.0" not in names


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o750, 0o755, 0o777])
def test_a_folder_that_others_can_use_is_not_used(folder, mode):
    folder.mkdir()
    folder.chmod(mode)
    assert load() == ("compiled", b"wasm")
    assert load() == ("compiled", b"wasm")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o644, 0o666])
def test_an_entry_that_others_can_use_is_not_used(folder, mode):
    load()
    (entry,) = folder.iterdir()
    entry.chmod(mode)
    assert load() == ("compiled", b"wasm")
    assert load() == ("loaded", b"wasm")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
def test_what_belongs_to_another_user_is_not_used(folder):
    load()
    (entry,) = folder.iterdir()
    os.chown(entry, 65534, 65534)
    assert load() == ("compiled", b"wasm")
    os.chown(folder, 65534, 65534)
    assert load() == ("compiled", b"wasm")
    os.chown(folder, 0, 0)
    os.chown(folder.parent, 65534, 65534)
    assert load() == ("compiled", b"wasm")
    assert load() == ("compiled", b"wasm")


def test_links_and_what_is_no_file_are_not_followed(folder, tmp_path):
    load()
    (entry,) = folder.iterdir()
    elsewhere = tmp_path / "elsewhere"
    entry.rename(elsewhere)
    entry.symlink_to(elsewhere)
    assert load() == ("compiled", b"wasm")
    assert not entry.is_symlink()
    entry.unlink()
    os.mkfifo(entry, 0o600)
    assert load() == ("compiled", b"wasm")
    real = tmp_path / "real"
    folder.rename(real)
    folder.symlink_to(real)
    assert load() == ("compiled", b"wasm")


def test_where_nothing_can_be_written_it_is_compiled_each_time(folder, monkeypatch):
    folder.parent.joinpath("tracepointdebug").write_text("a file")
    assert load() == ("compiled", b"wasm")
    for home in ("/dev/null", "/nonexistent/cache"):
        monkeypatch.setenv("XDG_CACHE_HOME", home)
        assert load() == ("compiled", b"wasm")
    # A relative one is not one (XDG Base Directory Specification).
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", "/nonexistent")
    assert load() == ("compiled", b"wasm")


def test_what_a_killed_process_left_is_in_nobodys_way(folder):
    load()
    (entry,) = folder.iterdir()
    left = folder / f"{entry.name}.{os.getpid()}.tmp"
    left.write_bytes(b"half")
    entry.unlink()
    assert load() == ("compiled", b"wasm")
    assert not left.exists()
    assert load() == ("compiled", b"wasm")
    assert load() == ("loaded", b"wasm")
