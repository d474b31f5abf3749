import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unbend.data import table
from unbend.data.dataset import Dataset

FLOWERS = {
    "length": [1.0, 2.5, 3.0, 4.5, 5.0, 6.5, 7.0, 8.5],
    "width": [3, 1, 4, 1, 5, 9, 2, 6],
    "kind": ["rose", "iris", "rose", "iris", "rose", "iris", "rose", "iris"],
}


def flowers_csv(separator: str = ",") -> str:
    rows = zip(*FLOWERS.values(), strict=True)
    return "\n".join(separator.join(map(str, row)) for row in (FLOWERS, *rows)) + "\n"


def check_flowers(made: Dataset) -> None:
    assert made.task == "binary"
    assert made.class_names == ("iris", "rose")
    assert made.feature_names == ("length", "width")
    assert made.target_name == "kind"
    assert made.y.tolist() == [1, 0] * 4
    assert made.x.mean(axis=0) == pytest.approx(0, abs=1e-12)
    assert made.x.std(axis=0) == pytest.approx(1)
    original = np.array([FLOWERS["length"], FLOWERS["width"]]).T
    assert np.allclose(made.x * made.x_scale + made.x_mean, original)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", flowers_csv()),
        ("A.CSV", flowers_csv()),
        ("a.tsv", flowers_csv("\t")),
        ("bom.csv", "\ufeff" + flowers_csv()),
        ("windows.csv", flowers_csv().replace("\n", "\r\n")),
        ("blank.csv", flowers_csv().replace("\n", "\n\n")),
        ("spaced.csv", flowers_csv().replace("length,width,kind", " length, width ,kind")),
        ("quoted.csv", flowers_csv().replace("rose", '"rose"')),
    ],
)
def test_text_files(tmp_path, name, text):
    (tmp_path / name).write_bytes(text.encode())
    made = table(tmp_path / name, target="kind")
    check_flowers(made)
    assert (made.name, made.origin) == (name.rpartition(".")[0], name)


def test_a_path_may_be_text(tmp_path):
    (tmp_path / "花.csv").write_text(flowers_csv(), encoding="utf-8")
    check_flowers(table(str(tmp_path / "花.csv"), "kind"))


def test_parquet_even_in_a_directory_named_like_a_partition(tmp_path):
    directory = tmp_path / "year=2020"
    directory.mkdir()
    pq.write_table(pa.table(FLOWERS), directory / "a.parquet")
    check_flowers(table(directory / "a.parquet", "kind"))


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(FLOWERS, index=range(7, 15)),
        pd.DataFrame(FLOWERS).astype({"kind": "category", "width": "Int64"}),
        pd.DataFrame(FLOWERS).astype({"kind": object}),
        pl.DataFrame(FLOWERS),
        pl.DataFrame(FLOWERS).with_columns(pl.col("kind").cast(pl.Categorical), pl.col("width").cast(pl.UInt8)),
        pl.DataFrame(FLOWERS).with_columns(pl.col("length").cast(pl.Decimal(10, 2)), pl.col("width").cast(pl.String)),
        pa.table(FLOWERS),
    ],
    ids=["pandas", "pandas-category", "pandas-object", "polars", "polars-category", "polars-decimal", "pyarrow"],
)
def test_dataframes(frame):
    made = table(frame, target="kind")
    check_flowers(made)
    assert made.origin.endswith("dataframe")


@pytest.mark.parametrize(
    "make",
    [list, np.array, pd.Series, pl.Series, pa.array, lambda y: np.array(y)[:, None], tuple],
    ids=["list", "array", "pandas", "polars", "pyarrow", "column", "tuple"],
)
def test_arrays(make):
    x = np.array([FLOWERS["length"], FLOWERS["width"]]).T
    made = table((x, make(FLOWERS["kind"])))
    assert made.feature_names == ("x1", "x2")
    assert made.target_name == "y"
    assert made.class_names == ("iris", "rose") and made.y.tolist() == [1, 0] * 4


def test_a_frame_and_a_series_keep_their_names():
    frame = pd.DataFrame(FLOWERS)
    check_flowers(table((frame[["length", "width"]], frame["kind"])))
    check_flowers(table((pl.DataFrame(frame[["length", "width"]].to_dict("list")), frame["kind"])))


def test_without_standardising_the_numbers_stay():
    made = table(pa.table(FLOWERS), "kind", standardize=False)
    assert made.x[:, 0].tolist() == FLOWERS["length"]
    assert made.x_mean is None and made.x_scale is None
    plain = table((np.arange(6.0)[:, None], np.arange(6.0) ** 2), standardize=False)
    assert plain.y.tolist() == [0, 1, 4, 9, 16, 25] and (plain.y_mean, plain.y_scale) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("values", "task", "names"),
    [
        ([True, False] * 6, "binary", ("False", "True")),
        ([0, 1] * 6, "binary", ("0", "1")),
        ([1.0, -1.0] * 6, "binary", ("-1", "1")),
        ([0.5, 2.25] * 6, "binary", ("0.5", "2.25")),
        (["no", "yes"] * 6, "binary", ("no", "yes")),
        (["NA", "None"] * 6, "binary", ("NA", "None")),
        (["b", "a", "c"] * 4, "multiclass", ("a", "b", "c")),
        (["10", "9", "2"] * 4, "multiclass", ("10", "2", "9")),
        ([10, 9, 2] * 4, "multiclass", ("2", "9", "10")),
        ([1.0, 2.0, 3.0] * 4, "multiclass", ("1", "2", "3")),
        ([0.5, 1.0, 2.0] * 4, "regression", ()),
        (list(range(12)), "regression", ()),
        ([1, 2, 3, 4] * 3, "regression", ()),
    ],
    ids=str,
)
def test_the_task_is_guessed(values, task, names):
    made = table((np.arange(12.0)[:, None], values))
    assert (made.task, made.class_names) == (task, names)
    if names:
        words = [f"{value:g}" if type(value) in (int, float) else str(value) for value in values]
        assert [names[int(k)] for k in made.y] == words


def test_the_task_can_be_given():
    x, y = np.arange(12.0)[:, None], [0, 1, 2, 3, 4, 5] * 2
    assert table((x, y)).task == "regression"
    assert table((x, y), task="multiclass").class_names == ("0", "1", "2", "3", "4", "5")
    assert table((x, [0, 1] * 6), task="regression").y.tolist() == [-1, 1] * 6
    assert table((x, ["0.5", "1.5", "2.5"] * 4), task="regression").y_mean == 1.5
    assert table((x, [0, 1] * 6), task="multiclass").output_width == 2


def test_many_different_numbers_written_as_text_are_a_regression():
    made = table((np.arange(30.0)[:, None], [f"{value}.5" for value in range(30)]))
    assert made.task == "regression" and made.y_mean == 15.0


def test_a_regression_target_is_standardised_and_can_be_undone():
    made = table((np.arange(8.0)[:, None], np.arange(8.0) * 100 + 7))
    assert made.y.mean() == pytest.approx(0, abs=1e-12) and made.y.std() == pytest.approx(1)
    assert np.allclose(made.y * made.y_scale + made.y_mean, np.arange(8.0) * 100 + 7)


def test_a_true_false_feature_counts_as_0_and_1():
    made = table((pd.DataFrame({"a": [True, False, False, True]}), [0, 1, 0, 1]), standardize=False)
    assert made.x[:, 0].tolist() == [1, 0, 0, 1]


@given(values=st.lists(st.floats(-1e30, 1e30, allow_subnormal=False), min_size=4, max_size=20, unique=True))
@settings(max_examples=30, deadline=None)
def test_standardising_can_always_be_undone(values):
    x = np.array(values)[:, None]
    made = table((x, np.arange(len(values)) % 2))
    assert made.x.std() == pytest.approx(1)
    assert np.allclose(made.x * made.x_scale + made.x_mean, x, rtol=1e-9, atol=1e-9 * np.abs(x).max())


def test_tiny_and_huge_columns_are_standardised_too():
    base = np.array([1.0, 2.0, 4.0, 3.0])
    made = table((np.stack([base * 1e-200, base * 5e37, base], axis=1), [0, 1, 0, 1]))
    assert np.allclose(made.x[:, :2], made.x[:, 2:])
