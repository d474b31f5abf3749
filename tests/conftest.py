"""What all tests share: property tests that are the same on every run and know no clock; one backend for Keras."""

import os
import shutil

import pytest
from hypothesis import settings

os.environ.setdefault("KERAS_BACKEND", "jax")  # Keras' own default is TensorFlow, which no test needs

settings.register_profile("unbend", deadline=None, derandomize=True)
settings.load_profile("unbend")


@pytest.fixture(scope="module")
def browser():
    """A headless Chromium; its pages are opened with the network off."""
    playwright = pytest.importorskip("playwright.sync_api", reason="the browser tests need playwright")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("the browser tests need chromium")
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def lab_file(tmp_path_factory):
    """The page of the lab as one file."""
    from unbend.lab.document import export

    return export(tmp_path_factory.mktemp("lab") / "lab.html")
