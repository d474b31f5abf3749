"""What holds of watched Keras models on JAX holds on PyTorch too, where Keras runs in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def test_all_this_holds_on_torch():
    for name in ("keras", "torch"):
        pytest.importorskip(name, reason=f"watching Keras models on torch needs {name}")
    tests = [str(HERE / "test_watching_keras_identical.py"), str(HERE / "test_watching_keras.py")]
    command = [sys.executable, "-m", "pytest", "-n", "0", "-q", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "KERAS_BACKEND": "torch"}
    done = subprocess.run(command, cwd=HERE.parent, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
    assert " passed" in done.stdout and "skipped" not in done.stdout
