"""The packaged tables that the page knows, as the JavaScript module ``tables.js``."""

import json
from typing import Any

from unbend.data import Dataset, load

NAMES = ("iris",)
TABLE = """\
const table = ([names, classes, target, origin, mean, scale, x, y]) => ({
  task: classes.length > 2 ? 'multiclass' : 'binary', feature_names: names, class_names: classes, target_name: target,
  origin, x: x.map(row => row.map((value, j) => (value - mean[j]) / scale[j])), y, x_mean: mean, x_scale: scale,
});
"""


def tables_module() -> str:
    """The text of ``tables.js``, which exports ``TABLES``: the rows of each table, standardised as Python does it.

    >>> "export const TABLES = {iris:table(" in tables_module()
    True
    """
    rows = ",\n".join(f"{name}:table({_table(load(name))})" for name in NAMES)
    return f"{TABLE}export const TABLES = {{{rows}}};\n"


def _table(data: Dataset) -> str:
    """The table in its own units, which take fewer digits, with what standardises it."""
    mean, scale = data.x_mean, data.x_scale
    assert mean is not None and scale is not None
    own = (data.x * scale + mean).round(6).tolist()
    x = [[int(value) if value == int(value) else value for value in row] for row in own]
    parts: list[Any] = [
        data.feature_names, data.class_names, data.target_name, data.origin, mean.tolist(), scale.tolist(), x,
        data.y.astype(int).tolist(),
    ]  # fmt: skip
    return json.dumps(parts, separators=(",", ":"))
