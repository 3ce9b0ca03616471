"""Which file a path means; files that are not loaded yet, that are loaded again, that are not the ones that the client saw."""

from __future__ import annotations

import hashlib
import importlib
import os
import py_compile
import runpy
import subprocess
import sys
import threading
import time
import types
import zipfile

import pytest
from tracepointdebug.placing import Failed, Installed, Pending
from tracepointdebug.placing.imports import ImportWatch

from placing_case import BEST, line_of

SOURCE = """
VALUE = 1  # top
class Case:
    size = 2  # class
    def method(self, a):
        return a  # method
def f(a):
    b = a + 1
    return b  # function
first = f(1)
"""


def test_a_path_suffix_means_a_file_and_several_are_an_error(program, probes):
    for folder in ("one", "two"):
        program.write("def f():\n    return 1\n", f"{folder}/models")
    one = importlib.import_module("one.models")
    program.names += ["one", "one.models", "two", "two.models"]
    assert probes.installed("models.py", 2).site.file == str(program.folder / "one/models.py")
    importlib.import_module("two.models")
    state = probes.put("models.py", 2)
    assert (state.code, state.message) == ("ambiguous_file", '"models.py" matches 2 loaded files.')
    assert state.details == (str(program.folder / "one/models.py"), str(program.folder / "two/models.py"))
    for file in (
        "one/models.py",
        "./one/models.py",
        str(program.folder / "one/models.py"),
        f"file://{program.folder}/one/models.py",
    ):
        probes.installed(file, 2)
        assert one.f() == 1
        assert len(probes.hits["p"]) == 1, file
    assert isinstance(probes.put("dels.py", 2), Pending)


def test_a_link_to_a_file_means_the_file(program, probes):
    module, path = program.load(SOURCE)
    link = program.folder / "link.py"
    link.symlink_to(path)
    probes.installed(link, line_of(SOURCE, "function"))
    assert module.f(1) == 2
    assert len(probes.hits["p"]) == 1


def test_a_pending_file_is_installed_as_it_is_imported_before_it_runs(program, probes):
    name, path = program.write(SOURCE)
    marks = ("top", "class", "function", "method")
    for mark in marks:
        state = probes.put(f"{name}.py", line_of(SOURCE, mark), probe=mark)
        assert isinstance(state, Pending)
        assert f'matches "{name}.py"; the probe is installed when one is loaded.' in state.note
    module = importlib.import_module(name)
    assert [type(probes.states[mark][-1]) for mark in marks] == [Installed] * 4
    assert {mark: len(probes.hits[mark]) for mark in marks} == {"top": 1, "class": 1, "function": 1, "method": 0}
    assert module.Case().method(3) == 3
    assert probes.hits["method"][0]["a"] == 3
    assert type(module.__loader__).__name__ == "SourceFileLoader"
    assert "get_code" not in vars(module.__loader__)
    site = probes.states["class"][-1].site
    assert (site.function_name, site.class_name, site.file) == ("", "Case", str(path))
    codes = [module.f.__code__, module.Case.method.__code__]
    for mark in marks:
        probes.remove(mark)
    assert BEST != "bytecode" or probes.engine == "pytrace" or module.f.__code__ is not codes[0]
    assert module.f(1) == 2
    assert sum(len(hits) for hits in probes.hits.values()) == 4


def test_a_script_that_runpy_copied_is_found_by_its_functions(program, probes):
    """As multiprocessing's spawned children have it: what the module holds sees another namespace than the module's."""
    _, path = program.write("def f(a):\n    return a\n\nclass C:\n    def m(self):\n        return 1\n")
    module = types.ModuleType(program.new_name())
    module.__dict__.update(runpy.run_path(str(path), run_name=module.__name__))
    sys.modules[module.__name__] = module
    for number, line in enumerate((2, 6)):
        probes.installed(path, line, probe=str(number))
    module.f(1)
    module.C().m()
    assert [len(probes.hits[probe]) for probe in ("0", "1")] == [1, 1]


def test_a_reloaded_module_gets_its_probes_back(program, probes):
    module, path = program.load(SOURCE)
    probes.installed(path, line_of(SOURCE, "function"))
    old = module.f
    importlib.reload(module)
    assert len(probes.hits["p"]) == 1  # `first = f(1)` of the second time
    assert (module.f(2), old(2)) == (3, 3)
    assert len(probes.hits["p"]) == 3
    assert [type(state) for state in probes.states["p"]] == [Installed, Installed]
    for _ in range(40):
        importlib.reload(module)
    probes.hits["p"].clear()
    module.f(1)
    assert len(probes.hits["p"]) == 1
    probes.remove()
    assert (module.f(2), old(2)) == (3, 3)
    assert len(probes.hits["p"]) == 1


def test_a_module_that_is_imported_anew_gets_its_probes_back(program, probes):
    module, path = program.load(SOURCE)
    probes.installed(path, line_of(SOURCE, "method"))
    del sys.modules[module.__name__]
    again = importlib.import_module(module.__name__)
    assert again.Case.method is not module.Case.method
    assert again.Case().method(1) == module.Case().method(1) == 1
    assert len(probes.hits["p"]) == 2


def test_top_level_code_that_has_run_waits_for_a_reload_and_says_so(program, probes):
    module, path = program.load(SOURCE)
    state = probes.put(path, line_of(SOURCE, "class"))
    assert isinstance(state, Pending)
    assert "it will not run again unless the module is reloaded" in state.note
    state = probes.put(path, 7, probe="def")
    assert "For calls of f, use line 8 or an entry probe." in state.note
    importlib.reload(module)
    assert len(probes.hits["p"]) == len(probes.hits["def"]) == 1


def test_imports_are_watched_only_while_there_are_probes(program, probes):
    def watches():
        return [finder for finder in sys.meta_path if type(finder) is ImportWatch]

    assert watches() == []
    probes.put("nowhere.py", 1)
    assert len(watches()) == 1
    probes.put("nowhere.py", 1)
    assert len(watches()) == 1
    probes.remove()
    assert watches() == []


def test_a_failing_import_fails_as_ever(program, probes):
    name, _ = program.write("def f(:\n")
    probes.put(f"{name}.py", 1)
    with pytest.raises(SyntaxError):
        importlib.import_module(name)
    name, _ = program.write("x = 1\nraise KeyError(x)\n")
    probes.put(f"{name}.py", 1)
    with pytest.raises(KeyError) as caught:
        importlib.import_module(name)
    assert caught.traceback[-1].lineno == 1
    assert len(probes.hits["p"]) == 1
    assert "tracepointdebug" not in "".join(str(entry.path) for entry in caught.traceback)


def test_a_probe_that_fits_nowhere_in_the_imported_file_fails(program, probes):
    name, _path = program.write(SOURCE)
    assert isinstance(probes.put(f"{name}.py", 99), Pending)
    module = importlib.import_module(name)
    assert probes.states["p"][-1].code == "line_out_of_range"
    assert probes.placement.stats().pending == 0
    assert module.f(1) == 2


def test_code_that_came_without_an_import_is_found(program, probes):
    name = f"{program.new_name()}.py"
    path = str(program.folder / name)
    space = {"LIMIT": 5}
    probes.put(name, 2, names=("a", "LIMIT"), test=lambda a, limit: a < limit)
    exec(compile("def f(a):\n    return a\n", path, "exec"), space)
    probes.placement._next_look = 0
    probes.placement.tick()
    assert isinstance(probes.states["p"][-1], Installed)
    assert (space["f"](3), space["f"](7)) == (3, 7)
    assert [hit["a"] for hit in probes.hits["p"]] == [3]
    assert len(probes.states["p"]) == 2
    assert probes.failed(name, 2, names=("nothing",), probe="q") == "undeclared"


def test_looks_for_such_code_cost_a_hundredth_at_most(program, probes, monkeypatch):
    from tracepointdebug.placing import placement as placement_module

    looks = []
    find = placement_module.find_file
    monkeypatch.setattr(placement_module, "find_file", lambda *a, **k: looks.append(time.sleep(0.02)) or find(*a, **k))
    probes.put("nowhere.py", 1)
    for _ in range(5):
        probes.placement.tick()
    assert len(looks) == 2
    assert probes.placement._next_look - time.monotonic() > 1.5


def test_modules_and_scripts_that_runpy_runs(program, probes):
    name, _path = program.write("def f(a):\n    return a  # f\nanswer = f(4)\n")
    probes.put(f"{name}.py", 2)
    assert runpy.run_module(name)["answer"] == 4
    assert len(probes.hits["p"]) == 1
    started, go = threading.Event(), threading.Event()
    script = program.path()
    script.write_text("def f(a):\n    return a\nstarted.set()\ngo.wait(10)\nanswer = f(5)\n")
    probes.put(script.name, 2, probe="script")
    answers = []
    thread = threading.Thread(
        target=lambda: answers.append(runpy.run_path(str(script), {"started": started, "go": go})["answer"])
    )
    thread.start()
    started.wait(10)
    probes.placement._next_look = 0
    probes.placement.tick()
    go.set()
    thread.join()
    assert answers == [5]
    assert [hit["a"] for hit in probes.hits["script"]] == [5]


def test_a_file_that_differs_from_what_the_client_saw_is_refused(program, probes):
    module, path = program.load(SOURCE)
    good = hashlib.sha256(SOURCE.encode()).hexdigest()
    line = line_of(SOURCE, "function")
    assert probes.installed(path, line, file_hash=good).note in ("", probes.states["p"][-1].note)
    state = probes.put(path, line, file_hash="0" * 64)
    assert (state.code, "its SHA-256 is another one" in state.message) == ("source_differs", True)
    assert module.f(1) == 2
    assert probes.hits["p"] == []
    changed = "\n" + SOURCE
    with open(path, "w") as file:
        file.write(changed)
    os.utime(path, (time.time() + 10, time.time() + 10))
    state = probes.put(path, line, file_hash=hashlib.sha256(changed.encode()).hexdigest())
    assert (state.code, "was changed after the program had loaded it" in state.message) == ("source_differs", True)
    assert "The file has been changed since it was loaded" in probes.installed(path, line).note


def test_a_reload_of_a_changed_file_ends_a_probe_that_was_meant_for_the_old_one(program, probes):
    module, path = program.load(SOURCE)
    probes.installed(path, line_of(SOURCE, "function"), file_hash=hashlib.sha256(SOURCE.encode()).hexdigest())
    with open(path, "w") as file:
        file.write("\n\n" + SOURCE)
    os.utime(path, (time.time() + 10, time.time() + 10))
    importlib.reload(module)
    assert type(probes.states["p"][-1]) is Failed
    assert probes.states["p"][-1].code == "source_differs"
    assert module.f(1) == 2
    assert probes.hits["p"] == []


def test_files_in_archives_without_source_and_of_the_frozen_library(program, probes, monkeypatch):
    archive = program.folder / "archive.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("zipped_module.py", SOURCE)
    monkeypatch.syspath_prepend(str(archive))
    zipped = importlib.import_module("zipped_module")
    program.names.append("zipped_module")
    probes.installed(
        "archive.zip/zipped_module.py",
        line_of(SOURCE, "function"),
        file_hash=hashlib.sha256(SOURCE.encode()).hexdigest(),
    )
    zipped.f(1)
    assert len(probes.hits["p"]) == 1

    source = program.folder / "elsewhere" / "bare_module.py"
    source.parent.mkdir()
    source.write_text(SOURCE)
    py_compile.compile(str(source), cfile=str(program.folder / "bare_module.pyc"), dfile="/build/bare_module.py")
    source.unlink()
    importlib.invalidate_caches()
    bare = importlib.import_module("bare_module")
    program.names.append("bare_module")
    state = probes.installed("bare_module.py", line_of(SOURCE, "function"), file_hash="0" * 64)
    assert "was not compared" in state.note
    bare.f(1)
    assert len(probes.hits["p"]) == 1

    code = os.path.join.__code__
    probes.installed(os.__file__, os.removedirs.__code__.co_firstlineno + 14, at="entry")
    assert probes.states["p"][-1].site.function_name == "removedirs"
    probes.remove()
    assert os.path.join.__code__ is code


def test_modules_that_load_lazily_are_not_woken_up(program, probes):
    class Lazy(types.ModuleType):
        def __getattribute__(self, name):
            raise AssertionError(name)

    sys.modules["placed_lazy"] = Lazy("placed_lazy")
    program.names.append("placed_lazy")
    module, path = program.load(SOURCE)
    probes.installed(path, line_of(SOURCE, "function"))
    assert module.f(1) == 2
    assert len(probes.hits["p"]) == 1


SCRIPT = """
import sys, threading, time
from tracepointdebug.placing import PlaceRequest, create_placement

hits, states = [], []
def f(a):
    return a  # function
def put():
    placement = create_placement(sys.argv[1])
    placement.place(PlaceRequest("p", "main_script.py", int(sys.argv[2]), "line", None, ("n",) if sys.argv[3:] else (), None,
        lambda *v: True, lambda frame, names, values: hits.append(dict(zip(names, values))), states.append))
thread = threading.Thread(target=put)
thread.start()
end = time.monotonic() + 20
while time.monotonic() < end and not (states and hits):
    f(1)  # loop
thread.join()
print(type(states[0]).__name__, getattr(states[0], "engine", states[0]), len(hits) > 0)
"""


@pytest.mark.parametrize("engine", ["auto", "pytrace"])
@pytest.mark.parametrize("mark", ["function", "loop"])
def test_the_main_script_while_it_runs(program, engine, mark):
    path = program.folder / "main_script.py"
    path.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, str(path), engine, str(line_of(SCRIPT, mark))],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    used = "pytrace" if engine == "pytrace" or (mark == "loop" and BEST == "bytecode") else BEST
    assert (done.stdout, done.stderr) == (f"Installed {used} True\n", "")
