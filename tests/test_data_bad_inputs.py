"""The 37 bad inputs of the issue of choosing, a test for each, and what trusted tools do with the silent ones."""

import io
import json
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold, cross_val_score
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler

import unbend as ub
from unbend.activations.probe import probe_activation
from unbend.choosing import preparation
from unbend.choosing.arms import arms
from unbend.choosing.folds import splits_of
from unbend.cli.rim import run
from unbend.data.tabular import tabular
from unbend.errors import DataError, UnbendError

N = 40
ROWS = np.arange(N)
X = np.stack([ROWS * 0.5, (ROWS * 7) % 11.0], axis=1)
Y = np.where(ROWS % 3 == 0, "no", "yes")


def frame(**columns) -> pd.DataFrame:
    """Two good columns and a target, with columns added or replaced."""
    return pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "y": Y} | columns)


def replaced(values, row, value):
    """The values with another one in a row that is counted from 1."""
    changed = list(values)
    changed[row - 1] = value
    return changed


def text(rows=N, header="a,b,y", line="{a},{b},{y}") -> str:
    return "\n".join([header, *(line.format(a=i * 0.5, b=i * 7 % 11, y="yes" if i % 3 else "no") for i in range(rows))])


def refusal(source, target="y", **options) -> str:
    """What is said about a table that cannot be used; data faults have exit status 3."""
    with pytest.raises(DataError) as caught:
        tabular(source, target, **options)
    assert caught.value.exit_status == 3
    return str(caught.value)


@pytest.fixture
def written(tmp_path):
    """A file with some content, and its path."""

    def write(content: str | bytes, name: str = "t.csv"):
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return tmp_path / name

    return write


REFUSED = [
    ("row01", frame(a=replaced(X[:, 0], 4, None)), {}, "column 'a': 1 value is missing (NaN), in row 4; pass"),
    ("row01-NA", frame(a=pd.array(replaced(range(N), 4, pd.NA), "Int64")), {}, "column 'a': 1 value is missing (NaN)"),
    ("row02", frame(b=replaced(X[:, 1], 7, -np.inf)), {}, "column 'b' is infinite in row 7; write a finite number"),
    ("row06", frame(a=replaced(ROWS.tolist(), 3, 10**400)), {}, "column 'a' holds a number of 401 digits in row 3"),
    ("row08", frame(a=1, b="x"), {}, "every column is constant or empty, so nothing is left to learn from"),
    ("row09", pd.DataFrame(X, columns=["a", "a"]).assign(y=Y), {}, "the name 'a' is used for columns 1 and 2"),
    ("row11", frame(y="yes"), {}, "target 'y' holds only one class, 'yes'"),
    ("row12", frame(y=replaced(Y, 5, "perhaps")), {}, "target 'y' has 1 class with a single row ('perhaps', in row 5)"),
    ("row15", frame(y=replaced(replaced(Y, 2, 1), 3, None)), {}, "'y' mixes str and int ('no' in row 1, 1 in row 2)"),
    ("row15-None", frame(y=replaced(Y, 3, None)), {}, "target 'y': 1 value is missing (NaN), in row 3"),
    ("row16", frame(y=X[:, 0] + 0.25), {"task": "classification"}, "no classes; choose --task regression"),
    ("row17", frame(y=3.5), {"task": "regression"}, "target 'y' is constant (3.5 in every row)"),
    ("row18", frame(y=X[:, 0] * 1e300), {}, "target 'y' holds 5e+299 in rows 2, 3, 4 and 36 more, too large"),
    ("row18-tiny", frame(y=X[:, 0] * 1e-200), {}, "target 'y' differs too little to be standardised"),
    ("row19", frame()[:1], {}, "the table has only 1 row; at least 4 are needed"),
    ("row20", frame()[:0], {}, "there are no rows; add some"),
    ("row23", frame(a=pd.date_range("2024-01-31", periods=N)), {}, "column 'a' holds dates or times (timestamp[us])"),
    ("row23-text", frame(a=[f"{1 + i % 28}.1.2024" for i in ROWS]), {}, "column 'a' holds dates or times ('1.1.2024')"),
    ("row24", frame(a=[f"w{i}" for i in ROWS]), {}, "column 'a' holds text with 40 different values ('w0', 'w1', 'w2'"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "options", "said"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_tables_that_are_refused(source, options, said):
    assert said in refusal(source, **options)


def test_row01_gaps_are_left_to_the_folds_when_asked():
    found = tabular(frame(a=replaced(X[:, 0], 4, None), c=replaced(Y, 9, None)), "y", missing="impute")
    assert np.flatnonzero(np.isnan(found.numbers[:, 0])).tolist() == [3]
    assert np.flatnonzero(found.levels[:, 0] == -1).tolist() == [8]
    assert "column 'a' has 1 missing value, which counts as the median of the training rows" in found.notes
    rows = np.arange(20)
    fitted = preparation.fit(found, rows)
    assert fitted.centre[0] == np.nanmedian(found.numbers[rows, 0])


@pytest.mark.parametrize("scale", [1e300, 1e39], ids=["row03", "row04"])
def test_huge_numbers_reach_the_network_as_small_ones(scale):
    found = tabular(frame(a=X[:, 0] * scale), "y")
    prepared, _ = preparation.prepared(preparation.fit(found, ROWS), found, ROWS)
    plain, _ = preparation.prepared(preparation.fit(tabular(frame(), "y"), ROWS), tabular(frame(), "y"), ROWS)
    assert np.allclose(prepared, plain) and np.abs(prepared).max() <= preparation.SOFT_LIMIT


def test_row04_what_no_float_can_hold_apart_is_refused():
    said = refusal(frame(a=replaced(replaced(X[:, 0], 1, -1.7e308), 2, 1.7e308)))
    assert "column 'a' reaches from -1.7e+308 to 1.7e+308, too wide for float64" in said


def test_row05_identifiers_are_noticed_where_scikit_learn_makes_them_equal():
    ids = 2**53 + ROWS
    assert len(np.unique(StandardScaler().fit_transform(ids[:2, None]))) == 1  # two identifiers, one number, no word
    (note,) = tabular(frame(a=ids), "y").notes
    assert note.startswith("column 'a' holds whole numbers beyond 2^53 such as 9007199254740993, which float64 rounds")


def test_row06_in_a_file(written):
    content = text().replace("0.5,", "1" + "0" * 400 + ",", 1)
    assert "column 'a' is infinite in row 2" in refusal(written(content))


def test_row07_constant_columns_are_dropped_and_told():
    found = tabular(frame(c=7, d="x"), "y")
    assert found.number_names == ("a", "b") and found.level_names == ()
    assert "column 'c' is constant (7 in every row) and is left out" in found.notes
    assert "column 'd' is constant ('x' in every row) and is left out" in found.notes


def test_row10_identical_columns_and_copies_of_the_target():
    notes = tabular(frame(c=X[:, 0], d=Y, e=np.where(Y == "no", "n", "j")), "y").notes
    assert "column 'c' is identical to column 'a'; one of them is enough" in notes
    assert [note[:17] for note in notes if note.startswith("leak?")] == ["leak? column 'd' ", "leak? column 'e' "]


def test_row11_scikit_learn_fits_one_class_and_gives_two_probabilities():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the network has not converged
        assert MLPClassifier(max_iter=5).fit(X, np.zeros(N)).predict_proba(X).shape == (N, 2)
    assert "target 'y' holds only one class, '0'" in refusal((X, np.zeros(N)), None)


def test_row12_folds_are_lowered_to_a_small_class():
    found = tabular(frame(y=np.where(ROWS < 3, "few", "many")), "y")
    assert splits_of(found, 10, 1).folds == 3


def test_row13_sorted_rows_are_stratified_where_kfold_scores_nothing():
    y = np.repeat([0, 1, 2], 20)
    x = y[:, None] + np.linspace(0, 0.5, 60)[:, None]
    assert cross_val_score(LogisticRegression(), x, y, cv=KFold(3)).tolist() == [0.0, 0.0, 0.0]
    found = tabular((x, y))
    assert any(note.startswith("the rows are sorted by class") for note in found.notes)
    for split in splits_of(found, 3, 1).outer:
        assert set(found.y[split.test]) == set(np.delete(found.y, split.test)) == {0.0, 1.0, 2.0}
        assert LogisticRegression().fit(np.delete(x, split.test, 0), np.delete(y, split.test)).score(
            x[split.test], y[split.test]
        ) > 0.9  # fmt: skip


def test_row14_labels_keep_their_names():
    found = tabular(frame(), "y")
    assert found.class_names == ("no", "yes") and [found.class_names[int(k)] for k in found.y] == Y.tolist()


def test_row17_scikit_learn_scores_a_constant_target():
    assert Ridge().fit(X, np.full(N, 3.0)).score(X, np.full(N, 3.0)) == 1.0  # perfect, and no word
    assert "target 'y' is constant (3 in every row); there is nothing to predict" in refusal(
        (X, np.full(N, 3.0)), None, task="regression"
    )


def test_row18_scikit_learn_trains_on_an_infinite_loss():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numpy's of an overflow; scikit-learn itself says nothing
        assert MLPRegressor(max_iter=5, random_state=0).fit(X, X[:, 0] * 1e300).loss_ == np.inf
    assert "too large to be standardised (at most 1e+150)" in refusal((X, X[:, 0] * 1e300), None)
    largest = tabular((X, X[:, 0] * 1e148))
    scaled = preparation.targets(preparation.fit(largest, ROWS), largest, ROWS)
    assert scaled.std() == pytest.approx(1.0)


def test_row19_scikit_learn_fits_one_row():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the network has not converged
        assert MLPClassifier(max_iter=5).fit(X[:1], [1]).predict(X[:2]).tolist() == [1, 1]
    assert "the table has only 1 row; at least 4 are needed" in refusal((X[:1], [1]), None)


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        (np.zeros((N, 0)), Y, "the table has 1 column; features and a target are needed"),
        (X[:, 0], Y, "X has shape (40,); it must have two axes"),
        (X[:, :, None], Y, "X has shape (40, 2, 1); it must have two axes"),
        (X, Y[:-1], "X has 40 rows and y has 39; give one target for each row"),
    ],
    ids=["row21-no-columns", "row21-1d", "row21-3d", "row21-lengths"],
)
def test_row21_arrays_of_other_shapes(x, y, said):
    assert said in refusal((x, y), None)


def test_row22_numeric_strings_are_converted_and_told():
    words = X.astype(str)
    assert LogisticRegression().fit(words, Y).n_features_in_ == 2  # converted without a word
    found = tabular((words, Y))
    assert (found.numbers == X).all()
    assert found.notes[0] == "column 'x1' holds numbers written as text ('0.0'), and is read as numbers"


def test_row23_scikit_learn_learns_from_the_nanoseconds_of_dates():
    days = np.arange("2024-01-01", "2024-02-10", dtype="datetime64[D]")[:, None]
    assert LogisticRegression().fit(days, Y).n_features_in_ == 1
    assert "column 'x1' holds dates or times (date32[day]); turn them into numbers" in refusal((days, Y), None)


def test_row24_text_becomes_a_category():
    found = tabular(frame(c=[("Rome", "Oslo", "Bern")[i % 3] for i in ROWS], d=pd.Categorical(ROWS % 4)), "y")
    assert found.level_names == ("c", "d")
    assert found.categories == (("Bern", "Oslo", "Rome"), ("0", "1", "2", "3"))
    assert found.levels[:4].tolist() == [[2, 0], [1, 1], [0, 2], [2, 3]]
    assert tabular(frame(c=[f"w{i % 20}" for i in ROWS]), "y").levels.max() == 19


def test_row25_a_wrong_target():
    assert refusal(frame(), "yy").endswith("there is no column 'yy'; did you mean 'y'?")
    assert refusal(frame(), "label").endswith("there is no column 'label'; the columns are a, b and y")


@pytest.mark.parametrize(
    ("encoding", "offered"),
    [("latin-1", "cp1252"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16-le"), ("utf-16-be", "utf-16-be")],
)
def test_row26_encodings_are_guessed_named_and_then_read(written, encoding, offered):
    path = written(text().replace("yes", "qualité").encode(encoding))
    said = refusal(path)
    assert said.endswith(f"pass --encoding {offered}") or f"--encoding {offered} (rows" in said
    assert encoding != "latin-1" or "line 3 of the file (the header is line 1) holds the byte 0xe9" in said
    found = tabular(path, "y", encoding=offered)
    assert found.class_names == ("no", "qualité") and f"the file is read as {offered}" in found.notes


def test_row26_chinese(written):
    path = written(text(header="价格,b,y").replace("yes", "是").replace("no", "否").encode("gbk"))
    said = refusal(path)
    assert said.endswith("in which it reads '价格': save it again as UTF-8, or pass --encoding gb18030")
    assert tabular(path, "y", encoding="gb18030").number_names == ("价格", "b")
    assert "line 1 of the file (the header is line 1) holds the byte 0xbc, which is not ascii" in refusal(
        path, encoding="ascii"
    )
    with pytest.raises(UnbendError, match="there is no encoding 'gb-chinese'; usual ones are utf-8, utf-16, gb18030"):
        tabular(path, "y", encoding="gb-chinese")


def test_row26_trusted_readers_stop_without_a_guess_or_hand_out_bytes():
    content = "a,y\ncafé,1\nthé,0\n".encode("latin-1")
    with pytest.raises(UnicodeDecodeError, match="'utf-8' codec can't decode"):
        pd.read_csv(io.BytesIO(content))
    assert pyarrow.csv.read_csv(io.BytesIO(content)).column("a").to_pylist() == [b"caf\xe9", b"th\xe9"]


@pytest.mark.parametrize(("mark", "word"), [(";", "a semicolon"), ("\t", "a tab"), ("|", "a vertical bar")])
def test_row27_separators_are_found_and_told(written, mark, word):
    found = tabular(written(text().replace(",", mark)), "y")
    assert (found.numbers == X).all()
    assert f"the cells of the file are separated by {word}" in found.notes


def test_row27_decimal_commas(written):
    found = tabular(written(text(line="{a};{b};{y}", header="a;b;y").replace(".", ",")), "y")
    assert (found.numbers == X).all()
    assert "column 'a' has decimal commas: '0,0' is read as 0" in found.notes
    thousands = text(line='"1,{b:03}.5",{b},{y}', header="a,b,y")
    assert tabular(written(thousands), "y").numbers[:2, 0].tolist() == [1000.5, 1007.5]
    assert "column 'a' holds '1,000' in row 1, which may mean 1000 or 1.000; write it without a comma" in refusal(
        written(text(line='"1,{b:03}",{b},{y}'))
    )


def test_row28_pandas_shifts_columns(written):
    content = text(line="{a},{b},{y},9")
    shifted = pd.read_csv(io.StringIO(content))
    assert shifted["y"].tolist() == [9] * N and shifted["a"].tolist() == X[:, 1].tolist()  # without a word
    assert "should have 3 values like the header but have 4; look for a separator too many" in refusal(written(content))


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("1,2\n", "row 41 should have 3 values like the header but has 2"),
        ('1,2,"yes\n', "a quotation mark in row 41 is opened and never closed"),
        ("1,2,\0\n", "line 42 of the file holds a zero byte"),
    ],
    ids=["row29-short", "row29-quote", "row29-zero"],
)
def test_row29_broken_rows_are_named(written, broken, said):
    assert said in refusal(written(text() + "\n" + broken))


@pytest.mark.parametrize(("content", "said"), [("", "the file is empty"), ("a,y\n", "there are no rows; add some")])
def test_row30_nothing_to_read(written, content, said):
    assert said in refusal(written(content))


def test_row31_na_and_none_are_labels_where_pandas_makes_them_missing(written):
    content = text().replace("yes", "NA").replace("no", "None")
    assert pd.read_csv(io.StringIO(content))["y"].isna().all()
    found = tabular(written(content), "y")
    assert found.class_names == ("NA", "None")
    category = tabular(written(text(line="{a},{y},{y}").replace("no,", "NA,")), "y")
    assert category.categories == (("NA", "yes"),)
    assert "column 'b': 'NA' counts as a value of its own, not as missing" in category.notes


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: ub.train(ub.data.xor(), learning_rate=-1.0), r"learning_rate=-1\.0 must be a finite number above 0"),
        (lambda: ub.train(ub.data.xor(), hidden=(0,)), r"hidden=\(0,\) must be widths from 1 to 4096, such as"),
        (lambda: arms(["rulu"]), r"there is no activation 'rulu'; did you mean 'relu'\?"),
    ],
    ids=["row32-rate", "row32-width", "row32-activation"],
)
def test_row32_settings(call, said):
    with pytest.raises(UnbendError, match=said):
        call()


@pytest.mark.parametrize(
    ("formula", "lang", "said"),
    [
        ("log(x)", "en", "log(x) is nan at x = -6; networks that come there diverge and count as failed"),
        ("exp(x)", "en", "exp(x) is inf at x = 10000; networks that come there diverge and count as failed"),
        ("sqrt(max(x, 0))", "en", "sqrt(max(x, 0)) has the slope"),
        ("step", "en", "the slope of step is 0 everywhere from -6 to 6, so the layers below it learn nothing"),
        ("0*x + 2", "zh", "0*x + 2 在 -6 到 6 之间处处为 2，用它的网络是常数"),
    ],
    ids=["row33-nan", "row33-inf", "row33-slope", "row33-flat", "row33-constant"],
)
def test_row33_activations_are_probed(formula, lang, said):
    found = probe_activation(ub.activation(formula), lang)
    assert found and found[0].startswith(said)


@pytest.mark.parametrize("name", ["relu", "gelu", "tanh", "sigmoid", "mish", "selu"])
def test_row33_sound_activations_pass(name):
    assert probe_activation(ub.activation(name)) == ()


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("__import__('os').system('true')", "a dot after a name is not allowed in a formula"),
        ("x.real", "a dot after a name is not allowed in a formula"),
        ("x[0]", "an index is not allowed in a formula"),
        ("open('f')", "there is no function 'open' in a formula"),
        ("(lambda: x)()", "a product needs its sign"),
    ],
    ids=["row34-import", "row34-attribute", "row34-index", "row34-call", "row34-lambda"],
)
def test_row34_hostile_formulas(formula, said):
    with pytest.raises(UnbendError, match=said):
        ub.activation(formula)


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("9**9**9", r"a power tower such as x\*\*x\*\*x is not allowed"),
        ("x+" * 500_000 + "x", "the formula has 1000001 characters; at most 200 are allowed"),
        ("x**65", "the exponent 65 is too large: a constant exponent is at most 64"),
        ("-" * 60 + "x", "the formula is more than 20 operations deep"),
    ],
    ids=["row35-tower", "row35-megabyte", "row35-exponent", "row35-deep"],
)
def test_row35_formulas_that_never_end(formula, said):
    with pytest.raises(UnbendError, match=said):
        ub.activation(formula)


def test_row36_names_and_cells_are_shown_as_they_are(written, capsys):
    path = written(text(header="<script>alert(1)</script>,\x1b[31mb,y").replace("yes", "=cmd()"))
    found = tabular(path, "y")
    assert found.number_names[0] == "<script>alert(1)</script>" and found.class_names == ("=cmd()", "no")
    assert run(["doctor", str(path), "--target", "y", "--lang", "en"]) == 0
    printed = capsys.readouterr().out
    assert "<script>alert(1)</script>" in printed and "\x1b" not in printed and r"\x1b[31mb" in printed


@pytest.mark.parametrize("damage", ["cut", "flipped"], ids=["row37-cut", "row37-flipped"])
def test_row37_damaged_parquet(written, damage):
    stream = io.BytesIO()
    contents = pa.table({"a": X[:, 0], "b": X[:, 1], "y": Y})
    pq.write_table(contents, stream, write_page_checksum=True, use_dictionary=False, compression="none")
    content = bytearray(stream.getvalue())
    content[content.index(X[:3, 0].tobytes()) + 9] ^= 1
    if damage == "flipped":
        silent = pq.read_table(io.BytesIO(bytes(content)))["a"].to_numpy()
        assert (silent != X[:, 0]).sum() == 1  # pyarrow's own default: another number, and no word
    said = refusal(written(bytes(content[:-50] if damage == "cut" else content), "t.parquet"))
    assert ("this is not a whole Parquet file" if damage == "cut" else "could not verify page integrity") in said


def test_all_faults_are_said_together_and_nothing_is_written(written, tmp_path):
    bad = frame(
        a=replaced(X[:, 0], 4, np.inf), c=replaced(X[:, 0], 2, None), d=[f"w{i}" for i in ROWS], y=replaced(Y, 9, "z")
    )
    path = written(bad.to_csv(index=False))
    done = subprocess.run(
        [sys.executable, "-c", "from unbend.cli import main; main()", "doctor", str(path), "--target", "y", "--json"],
        capture_output=True, encoding="utf-8", cwd=tmp_path, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (3, "")
    faults = json.loads(done.stdout)["faults"]
    assert [fault.split(";")[0] for fault in faults] == [
        "target 'y' has 1 class with a single row ('z', in row 9)",
        "column 'a' is infinite in row 4",
        "column 'c': 1 value is missing (NaN), in row 2",
        "column 'd' holds text with 40 different values ('w0', 'w1', 'w2' and 37 more, from row 1 on)",
    ]
    assert [entry.name for entry in tmp_path.iterdir()] == ["t.csv"]
