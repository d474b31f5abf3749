"""A watch as one JSON file: the diagnosis, and every sample that was kept."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from unbend.files import extension, replacing
from unbend.watching.exports.export import Watched, place
from unbend.watching.health import plain
from unbend.watching.history import Sample

SCHEMA = 1


def write(watched: Watched, path: Path | None) -> None:
    """Write a file that ends in .json; `UnbendError` where that cannot be done."""
    path = place("json", path)
    extension(path, ("json",), "a watch")
    with replacing(path) as temporary:
        temporary.write_text(text(watched), encoding="utf-8")


def text(watched: Watched) -> str:
    """The diagnosis under "health", and under "samples" all that was measured, by rising step; None: not measured."""
    samples = [_sample(sample) for sample in watched.history.samples]
    said = {"schema": SCHEMA, "health": watched.health.to_dict(), "samples": samples}
    return json.dumps(said, ensure_ascii=False, allow_nan=False)


def _sample(sample: Sample) -> Any:
    layers = [asdict(layer) for layer in sample.layers]
    weights = [asdict(weight) for weight in sample.weights]
    return plain({"step": sample.step, "sound": sample.sound, "layers": layers, "weights": weights})
