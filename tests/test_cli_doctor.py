"""``unbend doctor`` as a user meets it: what it prints in both languages and as JSON, and its exit status."""

import json

import numpy as np
import pytest

from unbend.choosing.source import read
from unbend.cli.rim import run
from unbend.cli.table_options import reading
from unbend.errors import DataError, UnbendError

ROWS = "".join(f"{i},{'AB'[i % 2]},{i // 6},{(i * 7) % 5 + 0.5},{'yes' if i % 3 else 'no'}\n" for i in range(60))


@pytest.fixture
def doctor(tmp_path, monkeypatch, capsys):
    """Call the command on a file ``t.csv`` in an empty folder: exit status, standard output, standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    (tmp_path / "t.csv").write_text("age,kind,who,weight,churn\n" + ROWS, encoding="utf-8")

    def call(*arguments: str) -> tuple[int, str, str]:
        status = run(["doctor", *arguments])
        said = capsys.readouterr()
        assert {path.name for path in tmp_path.iterdir()} <= {"t.csv", "bad.csv"}
        return status, said.out, said.err

    return call


def test_a_good_table(doctor):
    assert doctor("t.csv", "--target", "churn", "--group", "who") == (
        0,
        "t.csv: 60 rows\n"
        "  target: churn\n"
        "  task: classification, two classes\n"
        "  classes: no 20, yes 40\n"
        "  numeric features: 2 (age, weight)\n"
        "  categories: 1 (kind: 2)\n"
        "  missing cells: none\n"
        "  groups: 10\n"
        "\nNothing is wrong.\n",
        "",
    )


def test_a_good_table_in_chinese(doctor):
    status, said, _ = doctor("t.csv", "--target", "weight", "--time", "age", "--lang", "zh")
    assert status == 0
    assert said == (
        "t.csv：60 行\n  目标：weight\n  任务：回归\n  取值范围：0.5 … 4.5\n  数值特征：1（who）\n"
        "  类别特征：2（kind: 2、churn: 2）\n  缺失单元格：无\n  顺序：60 个不同时刻\n\n没有发现问题。\n"
    )


def test_a_packaged_table_as_json(doctor):
    status, said, _ = doctor("digits", "--json")
    found = json.loads(said)
    assert status == 0 and found["faults"] == []
    assert (found["rows"], found["task"], len(found["numeric"]), found["missing"]) == (1797, "multiclass", 61, 0)
    assert found["classes"]["0"] == 178 and sum(found["classes"].values()) == 1797
    assert found["notes"][0] == "column 'pixel_0_0' is constant (0 in every row) and is left out"


@pytest.mark.parametrize(("lang", "heading"), [("en", "Wrong: 2 (rows are"), ("zh", "问题：2 个（行号从表头下一行起")])
def test_a_bad_table(doctor, tmp_path, lang, heading):
    (tmp_path / "bad.csv").write_text(
        "a;b;churn\n" + "".join(f"{i},5;{i if i % 9 else 'x'};{i % 2}\n" for i in range(40))
    )
    status, said, error = doctor("bad.csv", "--target", "churnn", "--lang", lang)
    assert (status, error) == (3, "")
    lines = said.splitlines()
    assert any(line.startswith(heading) for line in lines)
    assert "- there is no column 'churnn'; did you mean 'churn'?" in lines
    assert any("column 'b' holds numbers, but the text 'x' in row 1 (and in 4 other rows)" in line for line in lines)
    notes = {
        "en": "- column 'a' has decimal commas: '0,5' is read as 0.5",
        "zh": "- 列 'a' 以逗号作小数点：'0,5' 读作 0.5",
    }
    assert notes[lang] in lines


def test_what_cannot_be_read_at_all(doctor, tmp_path):
    (tmp_path / "bad.csv").write_bytes("a,y\ncafé,1\n".encode("latin-1"))
    status, said, _ = doctor("bad.csv", "--target", "y", "--json")
    assert status == 3
    (fault,) = json.loads(said)["faults"]
    assert fault.endswith(
        "the file may be cp1252, in which it reads 'café': save it again as UTF-8, or pass --encoding cp1252"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("irs",), "there is no data set 'irs'; did you mean 'iris'?"),
        (("iris", "--target", "class"), "--target goes with a file; 'iris' knows its own target"),
        (("t.csv", "--target", "churn", "--group", "who", "--time", "age"), "--group and --time cannot go together"),
        (("t.csv", "--target", "churn", "--task", "binary"), "'binary' is not one of 'auto', 'classification'"),
    ],
)
def test_calls_that_mean_nothing(doctor, arguments, said):
    status, out, error = doctor(*arguments)
    assert (status, out) == (2, "") and said in error


def test_the_table_that_the_options_mean(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("age,kind,who,weight,churn\n" + ROWS)
    found = read(str(path), "weight", reading("classification", "refuse", None, "who", None))
    assert found.task == "multiclass" and len(np.unique(found.groups)) == 10
    assert read("iris", None, {}).class_names == ("setosa", "versicolor", "virginica")
    with pytest.raises(DataError, match="say which column is the target"):
        read(str(path), None, {})
    with pytest.raises(UnbendError, match="there is no data set 'nothing'"):
        read("nothing", None, {})
