"""Tables to choose on: whatever holds them, who belongs together, what came first, and features that say too much."""

import gzip
import pickle
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.io.arff
import sklearn.datasets
from hypothesis import given, settings
from hypothesis import strategies as st

import unbend as ub
from unbend.data.leaks import auc, leaks, level_r2, level_recall
from unbend.data.notes import Note
from unbend.data.read_arff import cells_of
from unbend.data.tabular import tabular
from unbend.errors import DataError, UnbendError

N = 60
COLUMNS = {
    "size": [i * 0.5 for i in range(N)],
    "colour": [("red", "blue", "green")[i % 3] for i in range(N)],
    "old": [i % 4 == 0 for i in range(N)],
    "price": [float((i * 7) % 13) + i / 10 for i in range(N)],
}
FRAMES = {
    "pandas": pd.DataFrame,
    "polars": pl.DataFrame,
    "lazy": lambda columns: pl.DataFrame(columns).lazy(),
    "pyarrow": pa.table,
    "duckdb": lambda columns: duckdb.connect().from_arrow(pa.table(columns)),
    "category": lambda columns: pd.DataFrame(columns).astype({"colour": "category"}),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_every_dataframe_is_the_same_table(kind):
    found, plain = tabular(FRAMES[kind](COLUMNS), "price"), tabular(pd.DataFrame(COLUMNS), "price")
    assert found.digest == plain.digest
    assert (found.task, found.number_names, found.level_names) == ("regression", ("size", "old"), ("colour",))
    assert found.categories == (("blue", "green", "red"),)
    assert found.y.tolist() == COLUMNS["price"]


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".parquet"])
def test_files_are_the_same_table(tmp_path, ending):
    path, frame = tmp_path / f"t{ending}", pd.DataFrame(COLUMNS)
    if ending == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_csv(path, sep="\t" if ending == ".tsv" else ",", index=False)
    assert tabular(path, "price").digest == tabular(frame, "price").digest


def test_arrays_with_a_dataframe_as_x():
    frame = pd.DataFrame(COLUMNS)
    assert tabular((frame.drop(columns="price"), frame["price"])).digest == tabular(frame, "price").digest


def test_data_sets_keep_their_classes_and_lose_constant_columns():
    cancer = tabular(ub.data.breast_cancer())
    assert cancer.class_names == ("malignant", "benign") and cancer.numbers.shape == (569, 30)
    assert np.allclose(cancer.numbers, sklearn.datasets.load_breast_cancer().data)
    digits = tabular(ub.data.digits())
    assert digits.numbers.shape == (1797, 61)
    assert sum(note.endswith("is constant (0 in every row) and is left out") for note in digits.notes) == 3


def test_the_task_may_be_asked_for():
    whole = np.arange(N) % 3
    assert tabular((np.arange(N)[:, None], whole), task="classification").task == "multiclass"
    assert tabular((np.arange(N)[:, None], whole % 2), task="classification").task == "binary"
    assert tabular((np.arange(N)[:, None], whole), task="regression").class_names == ()


# ---------------------------------------------------------------------- groups and time
def test_groups_and_times_are_no_features():
    frame = pd.DataFrame(COLUMNS | {"who": [f"p{i % 7}" for i in range(N)]})
    found = tabular(frame, "price", group="who")
    assert found.groups.tolist() == [i % 7 for i in range(N)] and "who" not in found.level_names
    beside = tabular(pd.DataFrame(COLUMNS), "price", group=[f"p{i % 7}" for i in range(N)])
    assert beside.digest == found.digest


@pytest.mark.parametrize(
    "times",
    [
        np.arange(N)[::-1] * 1.5,
        pd.date_range("2024-01-01", periods=N)[::-1],
        [f"2024-01-01 00:{i:02}:30" for i in range(N)][::-1],
        pd.date_range("2024-01-01", periods=N).date[::-1],
    ],
    ids=["numbers", "timestamps", "text", "dates"],
)
def test_times_order_rows(times):
    found = tabular(pd.DataFrame(COLUMNS | {"at": times}), "price", time="at")
    assert found.time.tolist() == list(range(N - 1, -1, -1))


def test_equal_times_stay_equal():
    found = tabular(pd.DataFrame(COLUMNS), "price", time=np.arange(N) // 2)
    assert found.time.tolist() == (np.arange(N) // 2).tolist()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"group": "whom"}, "there is no column 'whom'; the columns are size, colour, old and price"),
        ({"group": "colours"}, "there is no column 'colours'; did you mean 'colour'?"),
        ({"group": "price"}, "column 'price' cannot be the target and the group at once; name another one"),
        ({"group": ["a"] * N}, "group 'group' is 'a' in every row; two groups at least are needed: leave --group away"),
        ({"group": ["a", None] * (N // 2)}, "group 'group': 30 values are missing (NaN), in rows 2, 4, 6 and 27 more;"),
        ({"group": [1, 2]}, "group has 2 values and the table 60 rows; give one value for each row"),
        ({"time": "colour"}, "time 'colour' holds neither numbers nor dates that can be ordered; write numbers, or"),
        ({"time": [1.0, np.nan] * (N // 2)}, "time 'time': 30 values are missing (NaN), in rows 2, 4, 6 and 27 more;"),
        ({"time": [1.0, np.inf] * (N // 2)}, "time 'time' is infinite in rows 2, 4, 6 and 27 more; write a finite"),
    ],
)
def test_groups_and_times_that_cannot_be(options, said):
    with pytest.raises(DataError) as caught:
        tabular(pd.DataFrame(COLUMNS), "price", **options)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"group": "colour", "time": "size"},
            "--group and --time cannot go together, since windows of time part",
        ),
        ({"missing": "imputes"}, "missing='imputes' is not possible; did you mean 'impute'"),
        ({"task": "classify"}, "there is no task 'classify'; did you mean 'classification'"),
        ({"encoding": "utf-8"}, "encoding='utf-8' goes with a text file; leave it out"),
    ],
)
def test_arguments_that_mean_nothing(options, said):
    with pytest.raises(UnbendError) as caught:
        tabular(pd.DataFrame(COLUMNS), "price", **options)
    assert said in str(caught.value) and caught.value.exit_status == 2


# ---------------------------------------------------------------------- leaks
@pytest.mark.parametrize("name", ub.data.names())
def test_the_alarm_keeps_still_on_known_data(name):
    assert not [note for note in tabular(ub.data.load(name)).notes if note.startswith("leak?")]


RNG = np.random.default_rng(7)
THREE = RNG.integers(0, 3, 300)
AMOUNT = RNG.normal(size=300)
LEAKS = {
    "threshold": ((THREE > 0) + RNG.uniform(-0.4, 0.4, 300), THREE > 0),
    "falling": ((THREE == 0) * 9.0 + RNG.normal(size=300), THREE > 0),
    "three classes": (np.array([4.0, 0.0, 8.0])[THREE] + RNG.uniform(-1, 1, 300), THREE),
    "codes": (np.array([7, 3, 5, 1, 9, 4])[THREE + 3 * (AMOUNT > 0)], THREE),
    "words": (np.array(["a", "b", "c", "d", "e", "f"])[THREE + 3 * (AMOUNT > 0)], THREE),
    "gaps": (np.where(THREE == 0, np.nan, AMOUNT), THREE == 0),
    "line": (3.0 * AMOUNT + 1e-4 * RNG.normal(size=300), AMOUNT),
    "monotone": (np.exp(3.0 * AMOUNT), AMOUNT),
    "level means": (np.array(["a", "b", "c"])[THREE], THREE * 10.0 + 0.001 * AMOUNT),
}


@pytest.mark.parametrize("case", LEAKS)
def test_the_alarm_rings(case):
    values, y = LEAKS[case]
    frame = pd.DataFrame({"noise": RNG.normal(size=300), "late": values, "y": y})
    found = [note for note in tabular(frame, "y", missing="impute").notes if note.startswith("leak?")]
    assert len(found) == 1 and found[0].startswith("leak? column 'late' alone says 'y' almost perfectly (")
    assert found[0].said("zh").startswith("泄漏？仅凭列 'late' 就几乎能完全预测 'y'")


@pytest.mark.parametrize("case", LEAKS)
def test_the_alarm_keeps_still_when_the_target_is_shuffled(case):
    values, y = LEAKS[case]
    frame = pd.DataFrame({"late": values, "y": RNG.permutation(y)})
    assert not [note for note in tabular(frame, "y", missing="impute").notes if note.startswith("leak?")]


def test_a_rare_class_is_no_leak():
    y = np.arange(1000) < 4
    found = tabular(pd.DataFrame({"a": RNG.normal(size=1000), "b": RNG.integers(0, 3, 1000), "y": y}), "y")
    assert leaks(found) == []


def test_the_auc_agrees_with_scikit_learn():
    from sklearn.metrics import roc_auc_score

    values, positive = RNG.integers(0, 9, 200).astype(float), RNG.integers(0, 2, 200).astype(bool)
    assert auc(values, positive) == pytest.approx(roc_auc_score(positive, values), abs=1e-12)


def test_levels_of_one_row_foretell_nothing():
    assert level_recall(np.arange(40), np.arange(40) % 2) == 0.0
    assert level_r2(np.arange(40), np.arange(40.0)) == 0.0
    assert level_recall(np.arange(40) % 2, np.arange(40) % 2) == 1.0


def test_a_note_survives_a_copy_in_another_process():
    note = pickle.loads(pickle.dumps(Note("one", "一")))
    assert (note, note.said("en"), note.said("zh")) == ("one", "one", "一")


# ---------------------------------------------------------------------- ARFF
ARFF = """% a comment
@RELATION 'little shop'
@attribute size NUMERIC
@attribute 'the colour' {red, 'light blue', "it's"}
@attribute code {0,1}
@attribute note string
@attribute y {no, yes}

@DATA
"""


def arff(tmp_path: Path, rows: str, head: str = ARFF) -> Path:
    path = tmp_path / "shop.arff"
    path.write_text(head + rows, encoding="utf-8")
    return path


def test_arff(tmp_path):
    rows = "".join(
        f"{i}.5, {('red', chr(39) + 'light blue' + chr(39), chr(34) + 'it' + chr(39) + 's' + chr(34))[i % 3]},{i % 2},"
        f"'a, {i % 4}',{'yes' if i % 3 else 'no'}\n% between\n"
        for i in range(N)
    )
    found = tabular(arff(tmp_path, rows), "y")
    assert found.numbers[:, 0].tolist() == [i + 0.5 for i in range(N)]
    assert found.level_names == ("the colour", "code", "note")
    assert found.categories == (("it's", "light blue", "red"), ("0", "1"), ("a, 0", "a, 1", "a, 2", "a, 3"))
    assert found.class_names == ("no", "yes")


def test_arff_gaps(tmp_path):
    rows = "".join(f"{i if i % 5 else '?'},red,{i % 2},n,{'yes' if i % 3 else 'no'}\n" for i in range(N))
    found = tabular(arff(tmp_path, rows), "y", missing="impute")
    assert np.flatnonzero(np.isnan(found.numbers[:, 0])).tolist() == list(range(0, N, 5))
    with pytest.raises(DataError, match=r"column 'size': 12 values are missing \(NaN\), in rows 1, 6, 11 and 9 more"):
        tabular(arff(tmp_path, rows), "y")


@pytest.mark.parametrize(
    ("rows", "head", "said"),
    [
        ("1,red,0,n\n", ARFF, "row 1 should have 5 values like the header but has 4; look for a comma too many"),
        ("1,'red,0,n,no\n", ARFF, "a quotation mark in row 1 does not fit; close or escape it"),
        ("one,red,0,n,no\n", ARFF, "column 'size' is numeric, but holds 'one' in row 1; write a number there, or ?"),
        ("1,pink,0,n,no\n", ARFF, "column 'the colour' holds 'pink' in row 1, which its @attribute line does not list"),
        ("{0 1, 4 yes}\n", ARFF, "the rows are in the sparse form {place value, …}; save it in the dense form"),
        ("", "@attribute a numeric\n", "the file has no line @data; it needs @attribute lines, @data, and rows"),
        ("", "@attribute a\n@data\n", "line 1 is no attribute: '@attribute a'; write @attribute NAME TYPE"),
        ("", "@attribute a complex\n@data\n", "line 1: attribute 'a' has the type 'complex'; use numeric, real"),
    ],
)  # fmt: skip
def test_arff_that_is_refused(tmp_path, rows, head, said):
    with pytest.raises(DataError) as caught:
        tabular(arff(tmp_path, rows, head), "y")
    assert said in str(caught.value)


def test_arff_agrees_with_scipy_on_numbers_and_nominals(tmp_path):
    iris = sklearn.datasets.load_iris()
    head = "@relation iris\n" + "".join(f"@attribute '{name}' real\n" for name in iris.feature_names)
    head += "@attribute kind {setosa,versicolor,virginica}\n@data\n"
    names = iris.target_names[iris.target]
    rows = "".join(f"{','.join(map(repr, x.tolist()))},{k}\n" for x, k in zip(iris.data, names, strict=True))
    path = arff(tmp_path, rows, head)
    theirs, _ = scipy.io.arff.loadarff(path)
    found = tabular(path, "kind")
    assert (found.numbers == np.array([list(row)[:4] for row in theirs.tolist()])).all()
    assert [found.class_names[int(k)].encode() for k in found.y] == theirs["kind"].tolist()


def test_a_file_of_openml(tmp_path):
    folder = Path(sklearn.datasets.__file__).parent / "tests/data/openml/id_61"
    with gzip.open(next(folder.glob("data-v1-dl-*.arff.gz"))) as file:
        (tmp_path / "iris.arff").write_bytes(file.read())
    found = tabular(tmp_path / "iris.arff", "class")
    assert found.class_names == ("Iris-setosa", "Iris-versicolor", "Iris-virginica")
    assert found.numbers.shape == (150, 4)


@given(st.lists(st.one_of(st.none(), st.text(st.characters(codec="utf-8", exclude_characters="\n\r\0"))), min_size=1))
def test_arff_cells_are_read_back(cells):
    def quoted(cell: str | None) -> str:
        return "?" if cell is None else "'" + cell.replace("\\", "\\\\").replace("'", "\\'") + "'"

    assert cells_of(", ".join(map(quoted, cells))) == cells


# ---------------------------------------------------------------------- whatever comes
CELLS = st.one_of(
    st.sampled_from(["", "NA", "1", "0.5", "-3", "1e400", "inf", "yes", "1,5", "2024-01-01", "true", "?", "'", "None"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6),
)  # fmt: skip


@given(st.data())
@settings(max_examples=150)
def test_random_text_is_a_table_or_a_sentence(tmp_path_factory, data):
    width = data.draw(st.integers(1, 4))
    rows = data.draw(st.lists(st.lists(CELLS, min_size=width, max_size=width + 1), max_size=12))
    content = "\n".join(data.draw(st.sampled_from([",", ";", "\t"])).join(row) for row in [list("abyd")[:width], *rows])
    path = tmp_path_factory.mktemp("random") / data.draw(st.sampled_from(["t.csv", "t.tsv", "t.arff"]))
    path.write_text(content, encoding="utf-8")
    try:
        found = tabular(path, "y", missing=data.draw(st.sampled_from(["refuse", "impute"])))
    except UnbendError as error:
        assert str(error)
    else:
        assert len(found) == len(found.numbers) == len(found.levels) and np.isfinite(found.y).all()


@given(st.binary(max_size=200), st.sampled_from(["t.csv", "t.arff", "t.parquet"]), st.sampled_from([None, "utf-16"]))
@settings(max_examples=150)
def test_random_bytes_are_a_table_or_a_sentence(tmp_path_factory, content, name, encoding):
    path = tmp_path_factory.mktemp("random") / name
    path.write_bytes(content)
    with pytest.raises(UnbendError) as caught:
        tabular(path, "y", encoding=encoding)
    assert str(caught.value)


@given(
    numbers=st.lists(st.floats(-1e300, 1e300), min_size=8, max_size=30, unique=True),
    words=st.lists(st.sampled_from(["a b", "x,y", 'say "hi"', "名", "line\nbreak", ";"]), min_size=8, max_size=30),
)
@settings(max_examples=60)
def test_a_table_comes_back_from_csv(tmp_path_factory, numbers, words):
    n = min(len(numbers), len(words))
    frame = pd.DataFrame({"number": numbers[:n], "word": words[:n], "y": np.arange(n) % 2})
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    frame.to_csv(path, index=False)
    found = tabular(path, "y")
    assert found.number_names == ("number",) and found.numbers[:, 0].tolist() == numbers[:n]
    if len(set(words[:n])) > 1:
        assert [found.categories[0][k] for k in found.levels[:, 0]] == words[:n]
