from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.sparse

from unbend.data import table
from unbend.errors import DataError, UnbendError

GOOD = "".join(f"{i},{i * i % 7},{'yes' if i % 2 else 'no'}\n" for i in range(12))


def refusal(tmp_path: Path, content: str | bytes, target: str | None = "y", name: str = "t.csv", **options) -> str:
    (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(DataError) as caught:
        table(tmp_path / name, target, **options)
    assert caught.value.exit_status == 3
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "t.csv: the file is empty; it needs a header with the column names, and rows"),
        ("\n\n \n", "t.csv: the file holds only blank lines; it needs a header"),
        ("\n\n", "t.csv: the file holds only blank lines; it needs a header with the column names, and rows"),
        ("a,b,y\n", "t.csv: there are no rows; add some"),
        ("a,b,y\n1,2,x\n", "t.csv: the table has only 1 row; at least 4 are needed"),
        ("y\n1\n0\n1\n0\n", "t.csv: the table has 1 column; features and a target are needed"),
        ("a,a,y\n" + GOOD, "t.csv: the name 'a' is used for columns 1 and 2; give each its own name"),
        (",b,y\n" + GOOD, "t.csv: column 1 has no name; name it, or leave it out if it only counts rows"),
        ("a;b;y\n1;2;x\n", "t.csv: the header 'a;b;y' is one column, and seems to be separated by ';'"),
        ("a\tb\ty\n1\t2\tx\n", r"t.csv: the header 'a\tb\ty' is one column, and seems to be separated by '\t'"),
    ],
)
def test_files_without_a_table(tmp_path, content, message):
    assert refusal(tmp_path, content).startswith(message)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"a,b,y\n1,2,caf\xe9\n",
            "t.csv: line 2 of the file (the header is line 1) holds the byte 0xe9, which is not UTF-8",
        ),
        (b"a\xff,b,y\n", "t.csv: line 1 of the file (the header is line 1) holds the byte 0xff"),
        (b"a,y\n" + b"1,0\n" * 300_000 + b"\xe9,1\n", "t.csv: line 300002 of the file"),
        ("a,b,y\n1,2,x\n".encode("utf-16"), "t.csv: the file is UTF-16, not UTF-8; save it again as UTF-8"),
        (b"a,b,y\n1,2,\x00\n", "t.csv: line 2 of the file holds a zero byte, so it is not UTF-8 text"),
    ],
)
def test_files_that_are_not_utf_8(tmp_path, content, message):
    assert refusal(tmp_path, content).startswith(message)


def test_rows_of_the_wrong_length_are_named_and_never_shifted(tmp_path):
    said = refusal(tmp_path, "a,b,y\n1,2\n1,2,3,4\n" + GOOD)
    assert said == (
        "t.csv: rows 1 and 2 should have 3 values like the header but have 2 and 4; "
        "look for a separator too many or too few (rows are counted from 1 below the header)"
    )


def test_row_numbers_stay_right_after_a_row_of_the_wrong_length_and_in_a_long_file(tmp_path):
    lines = [f"{i},{i % 5},{i % 2}" for i in range(1, 200_001)]
    lines[99] = "1,2,3,4"
    lines[149_999] = "abc,3,1"
    said = refusal(tmp_path, "a,b,y\n" + "\n".join(lines))
    assert "- row 100 should have 3 values like the header but has 4" in said
    assert "- column 'a' holds numbers, but the text 'abc' in row 150000; write a number there" in said


def test_an_open_quotation_mark(tmp_path):
    said = refusal(tmp_path, "a,b,y\n" + GOOD + '1,2,"yes\n3,4,no\n')
    assert "- a quotation mark in row 13 is opened and never closed; close it, or double it inside a value" in said


def test_missing_files_directories_and_endings(tmp_path):
    (tmp_path / "clients.csv").write_text("a,y\n")
    with pytest.raises(DataError, match=r"client\.csv: there is no such file; did you mean 'clients\.csv'\?"):
        table(tmp_path / "client.csv", "y")
    with pytest.raises(DataError, match=r"x\.csv: there is no such file; not even the directory '.*nowhere' exists"):
        table(tmp_path / "nowhere" / "x.csv", "y")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(DataError, match=r"x\.csv: there is no such file; no table is in '.*empty'"):
        table(empty / "x.csv", "y")
    with pytest.raises(DataError, match="this is a directory; give one CSV, TSV, Parquet or ARFF file in it"):
        table(tmp_path, "y")
    said = refusal(tmp_path, "x", name="t.xlsx")
    assert said == "t.xlsx: files ending in '.xlsx' are not read; save it as .csv, .tsv, .parquet or .arff"


def test_damaged_parquet_files(tmp_path):
    good = tmp_path / "good.parquet"
    contents = pa.table({"a": [1.5, 2.5, 3.5, 4.5], "y": [0, 1, 0, 1]})
    pq.write_table(contents, good, write_page_checksum=True, use_dictionary=False, compression="none")
    content = good.read_bytes()
    assert "this is not a whole Parquet file" in refusal(tmp_path, content[:60], name="cut.parquet")
    assert "this is not a whole Parquet file" in refusal(tmp_path, b"hello" * 20, name="other.parquet")
    flipped = bytearray(content)
    flipped[content.index(np.array([1.5, 2.5]).tobytes())] ^= 1
    assert "the file cannot be read: could not verify page integrity" in refusal(
        tmp_path, bytes(flipped), name="f.parquet"
    )


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("churm", "t.csv: there is no column 'churm'; did you mean 'Churn'?"),
        ("CHURN", "t.csv: there is no column 'CHURN'; did you mean 'Churn'?"),
        ("zz", "t.csv: there is no column 'zz'; the columns are a, b and Churn"),
        (None, "t.csv: say which column is the target, target='…'; the columns are a, b and Churn"),
    ],
)
def test_a_target_that_is_not_there(tmp_path, target, message):
    assert refusal(tmp_path, "a,b,Churn\n" + GOOD, target) == message


def column_refusal(tmp_path: Path, *cells: str) -> str:
    """What is said about a feature column with these cells."""
    rows = [f"{i},{cell},{i % 2}" for i, cell in enumerate((*cells, *"123456789"))]
    return refusal(tmp_path, "a,b,y\n" + "\n".join(rows))


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (("", "1"), "column 'b': 1 value is missing (NaN), in row 1; fill in a number (for instance the median) or"),
        (("NA", "nan", "", "7"), "column 'b': 3 values are missing (NaN), in rows 1, 2 and 3; fill in a number"),
        ((*("",) * 5, "2"), "column 'b': 5 values are missing (NaN), in rows 1, 2, 3 and 2 more;"),
        (("7", "-inf"), "column 'b' is infinite in row 2; write a finite number there"),
        (("1", "1" + "0" * 400), "column 'b' is infinite in row 2"),
        (("1e39",), "column 'b' holds 1e+39 in row 1, too large for the 32-bit numbers of training (at most 3.4e+38)"),
        (("-4e38", "1e300"), "column 'b' holds -4e+38 in rows 1 and 2, too large"),
        (
            ("5", "abc"),
            "column 'b' holds numbers, but the text 'abc' in row 2; write a number there or leave out the row",
        ),
        (("?", "?"), "column 'b' holds numbers, but the text '?' in row 1 (and in 1 other row)"),
        (("1_000",), "column 'b' holds numbers, but the text '1_000' in row 1"),
    ],
)
def test_bad_cells_are_named_by_column_row_and_value(tmp_path, cells, message):
    said = column_refusal(tmp_path, *cells)
    assert said.startswith(f"t.csv: {message}")
    assert said.endswith("(rows are counted from 1 below the header)")


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["7"] * 6, "t.csv: column 'b' is constant (7 in every row); leave it out, nothing can be learnt from it"),
        ([""] * 6, "t.csv: column 'b' is empty; fill it or leave it out"),
        (
            ["Rome", "Paris", "Rome", "", "Oslo", "Bern"],
            "column 'b' holds text ('Rome', 'Paris', 'Oslo' and 1 more, first in row 1); replace it by numbers",
        ),
        (
            [f"2020-01-0{k}" for k in range(1, 7)],
            "t.csv: column 'b' holds dates or times (date32[day]); turn them into",
        ),
    ],
)
def test_columns_that_are_no_features(tmp_path, cells, message):
    said = refusal(tmp_path, "a,b,y\n" + "".join(f"{i},{cell},{i % 2}\n" for i, cell in enumerate(cells)))
    assert message in said


@pytest.mark.parametrize(
    ("cells", "options", "message"),
    [
        (["x"] * 6, {}, "target 'y' holds only one class, 'x'; add rows of another class or choose another column"),
        (["3"] * 6, {}, "target 'y' holds only one class, '3'"),
        (["3"] * 6, {"task": "regression"}, "target 'y' is constant (3 in every row); there is nothing to predict"),
        (
            ["u", "v"] * 2 + ["w", "u"],
            {},
            "target 'y' has 1 class with a single row ('w', in row 5); every class needs",
        ),
        (
            list("uvwuvw"),
            {"task": "binary"},
            "target 'y' has 3 classes ('u', 'v' and 'w') and task='binary' allows two",
        ),
        (list("uv") * 2 + ["", "u"], {}, "target 'y': 1 value is missing (NaN), in row 5; leave out this row"),
        (["1", "0"] * 2 + ["NA", "1"], {}, "target 'y': 1 value is missing (NaN), in row 5; leave out this row"),
        (["1", "2", "x", "4", "5", "6"], {"task": "regression"}, "target 'y' holds numbers, but the text 'x' in row 3"),
        (["1.5", "2", "1e39", "4", "5", "6"], {}, "target 'y' holds 1e+39 in row 3, too large"),
        (["1.5", "2", "inf", "4", "5", "6"], {}, "target 'y' is infinite in row 3"),
        ([""] * 6, {}, "target 'y' is empty; fill it or leave it out"),
        ([f"2020-01-0{k}" for k in range(1, 7)], {}, "target 'y' holds dates or times (date32[day])"),
    ],
)
def test_targets_that_cannot_be_learnt(tmp_path, cells, options, message):
    said = refusal(tmp_path, "a,y\n" + "".join(f"{i},{cell}\n" for i, cell in enumerate(cells)), **options)
    assert said.startswith(f"t.csv: {message}")


def test_a_numeric_target_with_one_word_in_it_is_not_taken_for_classes(tmp_path):
    rows = "".join(f"{i},{'many' if i == 16 else i + 0.5}\n" for i in range(40))
    assert refusal(tmp_path, "a,y\n" + rows).startswith(
        "t.csv: target 'y' holds numbers, but the text 'many' in row 17"
    )


def test_all_faults_are_said_together(tmp_path):
    content = "a,b,c,c,y\n1,NA,7,1,yes\nabc,inf,7,2,no\n4,1e39,7,3,\n5,3,7,4,maybe\n1,1\n,4,7,5,yes\n7,5,7,6,no\n"
    said = refusal(tmp_path, content).splitlines()
    assert said[0] == "t.csv: 10 faults (rows are counted from 1 below the header):"
    for part in (
        "row 5 should have 5 values like the header but has 2",
        "the name 'c' is used for columns 3 and 4",
        "target 'y': 1 value is missing (NaN), in row 3",
        "target 'y' has 1 class with a single row ('maybe', in row 4)",
        "column 'a': 1 value is missing (NaN), in row 6",
        "column 'a' holds numbers, but the text 'abc' in row 2",
        "column 'b': 1 value is missing (NaN), in row 1",
        "column 'b' is infinite in row 2",
        "column 'b' holds 1e+39 in row 3",
        "column 'c' is constant (7 in every row)",
    ):
        assert sum(part in line for line in said) == 1, part


def test_a_wrong_target_name_does_not_hide_the_faults_of_the_features(tmp_path):
    said = refusal(tmp_path, "a,b,churn\n" + GOOD + "NA,3,no\n", "chrn")
    assert "- there is no column 'chrn'; did you mean 'churn'?" in said
    assert "- column 'a': 1 value is missing (NaN), in row 13" in said
    assert len(said.splitlines()) == 3


def test_a_long_list_of_faults_is_cut():
    frame = pd.DataFrame({**{f"c{k}": [1.0, None, 2.0, 3.0] for k in range(30)}, "y": [0, 1, 0, 1]})
    with pytest.raises(DataError) as caught:
        table(frame, "y")
    lines = str(caught.value).splitlines()
    assert lines[0] == "a pandas dataframe: 30 faults (rows are counted from 1):"
    assert lines[-1] == "- and 18 more faults" and len(lines) == 14


SQUARE = np.arange(8.0).reshape(4, 2)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (
            [1, 2, 3],
            [1, 2, 3],
            r"X has shape \(3,\); it must have two axes, \(rows, features\): X\.reshape\(-1, 1\) makes",
        ),
        (np.ones((3, 2, 2)), [1, 2, 3], r"X has shape \(3, 2, 2\); it must have two axes, .*: flatten each row first"),
        ([[1], [2, 3]], [1, 2], "the rows of X differ in length; give every row the same number of values"),
        (SQUARE, [1, 2, 3], "X has 4 rows and y has 3; give one target for each row"),
        (SQUARE, np.eye(4), r"y has shape \(4, 4\); .* np\.argmax\(y, axis=1\) turns one-hot rows into classes"),
        (SQUARE, 3, r"y has shape \(\); it must hold one value for each row: give a list of targets"),
        (SQUARE, [1, "a", None, 2], r"column 'y' mixes int and str \(1 in row 1, 'a' in row 2\); give it numbers only"),
        (SQUARE + 1j, [0, 1, 0, 1], r"column 'x1' is of type complex128 \("),
        (np.zeros((0, 2)), [], "there are no rows; add some"),
        (np.zeros((5, 0)), [1, 2, 3, 1, 2], "the table has 1 column; features and a target are needed"),
        (
            SQUARE,
            [0.5, 1, 2, np.nan],
            r"target 'y': 1 value is missing \(NaN\), in row 4; .* \(rows are counted from 1\)",
        ),
        (SQUARE * np.nan, [0, 1, 0, 1], "column 'x1' is empty; fill it or leave it out"),
    ],
)
def test_arrays_that_do_not_fit(x, y, message):
    with pytest.raises(DataError, match=rf"the arrays \(X, y\)(?s:.)*{message}"):
        table((x, y))


def test_sparse_arrays_are_refused():
    with pytest.raises(DataError, match=r"X is a sparse matrix; give X\.toarray\(\)"):
        table((scipy.sparse.csr_matrix(SQUARE), [0, 1, 0, 1]))


def test_columns_of_mixed_or_nested_types():
    frame = pd.DataFrame({"a": [1, "two", 3.5, None], "y": [0, 1, 0, 1]})
    with pytest.raises(
        DataError, match=r"column 'a' mixes int, str and float \(1 in row 1, 'two' in row 2, 3\.5 in row 3\)"
    ):
        table(frame, "y")
    with pytest.raises(
        DataError, match=r"column 'a' holds values of type .*list.*; give it plain numbers or leave it out"
    ):
        table(pl.DataFrame({"a": [[1], [2], [3], [4]], "y": [0, 1, 0, 1]}), "y")


def test_arguments_that_are_no_table():
    with pytest.raises(
        UnbendError, match="a value of type int is not a table; give a file's path, a dataframe, or the"
    ):
        table(42, "y")
    with pytest.raises(
        UnbendError, match=r"target='y' names a column of a table; with the arrays \(X, y\) leave it out"
    ):
        table((SQUARE, [0, 1, 0, 1]), "y")
    with pytest.raises(UnbendError, match="there is no task 'multiclas'; did you mean 'multiclass'"):
        table((SQUARE, [0, 1, 0, 1]), task="multiclas")
