"""From a module to machine code in this process, by way of a cache on disk.

The cache holds native code, so it lies in a directory of the user's own (mode 0700), every entry begins with the
SHA-256 of what follows, and an entry that does not match is compiled again, never run.
"""

import contextlib
import ctypes
import hashlib
import os
import platform
import tempfile
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import llvmlite.binding as llvm

CACHE_BYTES = 64 * 1024 * 1024
_DIGEST = 32
_lock = threading.Lock()  # LLVM's compiler objects are made one at a time


def _target_machine() -> Any:
    """A new target machine for this processor; an execution engine takes it over."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    features = llvm.get_host_cpu_features().flatten()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(cpu=llvm.get_host_cpu_name(), features=features, opt=3)


@cache
def host_lanes() -> int:
    """Float32 numbers in one vector register of this processor: 16 (AVX-512), 8 (AVX2), else 4."""
    features = llvm.get_host_cpu_features()
    if features.get("avx512f"):
        return 16
    return 8 if features.get("avx2") else 4


def host_registers() -> int:
    """Vector registers of this processor that a kernel counts on: 32 (AVX-512), else 16."""
    return 32 if host_lanes() == 16 else 16


def lanes_for(networks: int) -> int:
    """Lanes for so many networks: half a register's where they suffice, since empty lanes cost as much as full ones."""
    return 8 if host_lanes() == 16 and networks <= 8 else host_lanes()


def host_name() -> str:
    """The processor as the cache and the notes call it."""
    return f"{platform.machine()} {llvm.get_host_cpu_name()}"


def compile_kernel(name: str, make_module: Callable[[], str]) -> Callable[[int], None]:
    """The function ``train(address of a job record)`` of a module; it runs without the interpreter's lock.

    ``name`` says everything that the module's text depends on; ``make_module()`` writes that text, and is called only
    where the cache has no machine code of that name for this processor.
    """
    key = hashlib.sha256("\n".join((_fingerprint(), name)).encode()).hexdigest()
    with _lock:
        engine = _engine(make_module, key)
    function = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(engine.get_function_address("train"))

    def train(job: int) -> None:
        function(job)
        _ = engine  # the code lives as long as its engine

    return train


@cache
def _fingerprint() -> str:
    features = llvm.get_host_cpu_features().flatten()
    return f"unbend 1 llvmlite {llvmlite.__version__} {llvm.llvm_version_info} {host_name()} {features}"


def _engine(make_module: Callable[[], str], key: str) -> Any:
    machine = _target_machine()
    backing = llvm.parse_assembly("")
    backing.triple = machine.triple
    engine = llvm.create_mcjit_compiler(backing, machine)
    code = _read(key)
    if code is None:
        code = _object_code(make_module())
        _write(key, code)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return engine


def _object_code(module: str) -> bytes:
    parsed = llvm.parse_assembly(module)
    parsed.verify()
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    options.loop_unrolling = options.slp_vectorization = options.loop_vectorization = False
    machine = _target_machine()
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(parsed, builder)
    return machine.emit_object(parsed)


# ---------------------------------------------------------------------- the cache; any failure means: no cache
def cache_directory() -> Path:
    """Where compiled kernels are kept (``UNBEND_CACHE_DIR`` or the platform's cache directory of the user)."""
    from platformdirs import user_cache_path

    own = os.environ.get("UNBEND_CACHE_DIR")
    return (Path(own) if own else user_cache_path("unbend", appauthor=False)) / "kernels"


def _private_directory() -> Path | None:
    """The cache directory, if it is the user's own; emptied first if others had access to it."""
    directory = cache_directory()
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = directory.lstat()
        if directory.is_symlink() or (hasattr(os, "getuid") and status.st_uid != os.getuid()):
            return None
        if status.st_mode & 0o077 and os.name == "posix":
            directory.chmod(0o700)
            for entry in directory.iterdir():
                entry.unlink()
    except OSError:
        return None
    return directory


def _read(key: str) -> bytes | None:
    directory = _private_directory()
    if directory is None:
        return None
    path = directory / key
    try:
        content = path.read_bytes()
        os.utime(path)
    except OSError:
        return None
    code = content[_DIGEST:]
    return code if content[:_DIGEST] == _seal(key, code) else None


def _seal(key: str, code: bytes) -> bytes:
    return hashlib.sha256(key.encode() + code).digest()


def _write(key: str, code: bytes) -> None:
    directory = _private_directory()
    if directory is None:
        return
    with contextlib.suppress(OSError):
        handle, name = tempfile.mkstemp(dir=directory, prefix=".new-")
        with os.fdopen(handle, "wb") as file:
            file.write(_seal(key, code) + code)
        Path(name).replace(directory / key)
        _trim(directory)


def _trim(directory: Path) -> None:
    """Remove the entries that were not used for longest until the cache is within its size."""
    entries = sorted(((path.stat(), path) for path in directory.iterdir()), key=lambda entry: entry[0].st_mtime)
    excess = sum(status.st_size for status, _ in entries) - CACHE_BYTES
    for status, path in entries:
        if excess <= 0:
            return
        path.unlink(missing_ok=True)
        excess -= status.st_size
