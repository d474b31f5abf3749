"""`import unbend` is light: it loads numpy at most, and every public name is loaded when it is first used."""

import subprocess
import sys

import pytest

import unbend

ALLOWED = {"unbend", "numpy"}


def foreign_modules(statements: str) -> set[str]:
    """Top-level packages outside the standard library that a fresh interpreter has loaded after the statements."""
    code = f"import sys; before = set(sys.modules)\n{statements}\nprint(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return {name.split(".")[0] for name in done.stdout.split()} - set(sys.stdlib_module_names)


def test_importing_unbend_loads_numpy_at_most():
    assert foreign_modules("import unbend; unbend.UnbendError; dir(unbend)") <= ALLOWED


def test_the_guard_notices_a_heavy_import():
    assert "llvmlite" in foreign_modules("import unbend; unbend.train; import llvmlite") - ALLOWED


def test_asking_for_the_lab_loads_nothing_but_numpy():
    assert foreign_modules("import unbend; assert callable(unbend.lab)") <= ALLOWED


def test_asking_for_train_loads_nothing_heavy():
    assert foreign_modules("import unbend; unbend.train, unbend.Recording, unbend.activation, unbend.load") <= ALLOWED


@pytest.mark.parametrize("name", unbend.__all__)
def test_every_public_name_is_there(name):
    assert getattr(unbend, name) is not None
    assert name in dir(unbend)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'unbend' has no attribute 'trian'"):
        unbend.trian  # noqa: B018


def test_the_rooms_behind_the_names_agree_with_what_type_checkers_see():
    source = (unbend.__file__ or "").replace(".pyc", ".py")
    with open(source, encoding="utf-8") as file:  # noqa: PTH123
        text = file.read()
    for name, home in unbend._HOMES.items():
        assert f"from unbend.{home} import {name} as {name}\n" in text
    assert "from unbend.lab.widget import lab as lab\n" in text
    assert sorted([*unbend._HOMES, *unbend._ROOMS]) == unbend.__all__
