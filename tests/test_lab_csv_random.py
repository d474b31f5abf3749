"""Tables of random cells: the page accepts and refuses them as Python's reader does, in the same words."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from test_lab_csv import by_page, check_case

WHOLE = st.integers(0, 9).map(str)
FRACTIONS = st.floats(-5, 5).map(repr)
WORDS = st.sampled_from(["yes", "no", "maybe"])
ODD = st.sampled_from([
    "", "NA", "1e400", "inf", "2024-01-01", "2024-02-30", "2024-01-01 12:30", "2024-01-01T12:30:15.5Z", "12:30", "true",
    "False", "?", "'", "None", " 2", "+4", "0x1F", "007", "9007199254740993", "1e39", "1e-300", "nan", "NAN", "null",
    "#N/A", " NA", "红", "😀", '"q"', '"x""y"', "1_000", "５.１", ".5", "5.", "-0", "\u00a07", "9223372036854775808",
    '"open', "1/2/2024",
])  # fmt: skip


@st.composite
def tables(draw):
    """A table of clean columns in which some cells are odd, some rows too long, and names clash at times."""
    n = draw(st.sampled_from([0, 1, 4, 8, 12, 30]))
    names = [*draw(st.lists(st.sampled_from(["a", "b", "c d", "e ", '"f"', ""]), min_size=1, max_size=3)), "y"]
    columns = [
        draw(st.lists(draw(st.sampled_from([WHOLE, FRACTIONS, WORDS, ODD])), min_size=n, max_size=n)) for _ in names
    ]
    for _ in range(draw(st.integers(0, 2)) if n else 0):
        draw(st.sampled_from(columns))[draw(st.integers(0, n - 1))] = draw(ODD)
    rows = [list(row) for row in zip(*columns, strict=True)]
    for row in rows[:1]:
        row += draw(st.sampled_from([[], [], [], ["1"]]))
    ending = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    start = draw(st.sampled_from(["", "", "\ufeff", ending]))
    return {"text": start + ending.join(",".join(row) for row in [names, *rows]) + ending, "target": "y"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("random")


@given(cases=st.lists(tables(), min_size=50, max_size=50))
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_tables_are_read_as_python_reads_them(folder, cases):
    for case, answer in zip(cases, by_page(cases), strict=True):
        check_case(folder / "t.csv", case, answer)
