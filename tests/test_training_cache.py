"""The cache of compiled kernels: right, private, bounded, and never trusted blindly."""

import os
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("llvmlite")

from unbend.training.kernel import compile as cache
from unbend.training.vector import INT64, VectorAlgebra


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("UNBEND_CACHE_DIR", str(tmp_path / "cache"))


def module_that_writes(number):
    v = VectorAlgebra(4)
    job = v.function("train", [INT64.as_pointer()], internal=False).args[0]
    v.builder.store(v.index(number), job)
    v.builder.ret_void()
    return str(v.module)


def result_of(number):
    record = np.zeros(1, np.int64)
    cache.compile_kernel(str(number), lambda: module_that_writes(number))(record.ctypes.data)
    return int(record[0])


def entries():
    return sorted(cache.cache_directory().iterdir())


def test_a_second_use_does_not_compile(monkeypatch):
    assert result_of(7) == 7
    monkeypatch.setattr(cache, "_object_code", lambda module: pytest.fail("compiled again"))
    assert result_of(7) == 7


def test_the_directory_is_private():
    result_of(7)
    assert cache.cache_directory().stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-1], lambda b: b[:50] + b"\0" + b[51:], lambda b: b"", lambda b: b * 2]
)
def test_a_damaged_entry_is_compiled_again(damage):
    result_of(7)
    (path,) = entries()
    sound = path.read_bytes()
    path.write_bytes(damage(sound))
    assert result_of(7) == 7
    assert path.read_bytes() == sound


def test_an_entry_under_a_foreign_name_is_not_run():
    result_of(7)
    result_of(8)
    first, second = entries()
    contents = first.read_bytes(), second.read_bytes()
    first.write_bytes(contents[1])
    second.write_bytes(contents[0])
    assert [result_of(7), result_of(8)] == [7, 8]


def test_a_directory_that_others_could_write_to_is_emptied(monkeypatch):
    result_of(7)
    cache.cache_directory().chmod(0o777)
    compiled = []
    original = cache._object_code
    monkeypatch.setattr(cache, "_object_code", lambda module: compiled.append(1) or original(module))
    assert result_of(7) == 7
    assert compiled == [1]
    assert cache.cache_directory().stat().st_mode & 0o777 == 0o700


def test_a_link_in_place_of_the_directory_is_not_used(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "cache").mkdir()
    cache.cache_directory().symlink_to(tmp_path / "elsewhere")
    assert result_of(7) == 7
    assert not list((tmp_path / "elsewhere").iterdir())


def test_without_a_place_to_write_it_still_works(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("not a directory")
    monkeypatch.setenv("UNBEND_CACHE_DIR", str(tmp_path / "file"))
    assert result_of(7) == 7


def test_the_size_is_bounded_and_the_oldest_go_first(monkeypatch):
    result_of(1)
    (first,) = entries()
    os.utime(first, (1, 1))
    monkeypatch.setattr(cache, "CACHE_BYTES", int(first.stat().st_size * 2.5))
    for number in (2, 3):
        result_of(number)
    assert len(entries()) == 2
    assert first not in entries()


def test_processes_that_compile_at_once_do_no_harm(tmp_path):
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); import test_training_cache as t;"
        "assert [t.result_of(k % 5) for k in range(20)] == [k % 5 for k in range(20)]"
    )
    here = os.path.dirname(__file__)  # noqa: PTH120
    running = [subprocess.Popen([sys.executable, "-c", script, here]) for _ in range(3)]
    assert [process.wait(timeout=60) for process in running] == [0, 0, 0]
    assert len(entries()) == 5
