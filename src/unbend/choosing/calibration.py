"""How often verdicts were wrong where the truth is known: the measured rates that reports quote."""

import json
from importlib.resources import files
from typing import Any


def calibration() -> dict[str, Any]:
    """What ``benchmarks/calibration.py`` measured with real networks, with the version and the settings of the run.

    ``twins``, ``mirrored`` and ``blocks``, where all arms are equal and blocks agree by chance over the splits of a
    table: the rates of any false ``winner``, of ``any_difference`` after Holm's correction, of ``one_pair`` named
    before and by the t-test that takes splits for independent (``one_pair_naive``).
    ``planted`` (the first arm better by ``difference``): ``power`` of one test and as ``power_foretold`` by the printed
    ``detectable`` difference, rates of ``winner``, ``false_winner`` and ``false_equivalent``. A rate comes with the
    ends ``low``, ``high`` of its exact 95 % interval.

    >>> calibration()["twins"]["winner"]["rate"] <= 0.08
    True
    """
    return json.loads(files("unbend.choosing").joinpath("calibration.json").read_text("utf-8"))
