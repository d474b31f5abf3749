"""``unbend doctor DATA --target y``: what a table is, what was noticed, and all that is wrong with it."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from unbend.cli.language import language_option
from unbend.cli.table_options import reading, table_options
from unbend.errors import DataError

if TYPE_CHECKING:
    from unbend.data.tabular import Examined, Table

MOST_CLASSES = 12
WORDS = {
    "en": {
        "title": "{origin}: {rows} rows",
        "numbers": "numeric features",
        "levels": "categories",
        "task": "task",
        "target": "target",
        "classes": "classes",
        "range": "range",
        "missing": "missing cells",
        "groups": "groups",
        "time": "order",
        "binary": "classification, two classes",
        "multiclass": "classification, {count} classes",
        "regression": "regression",
        "more": "and {count} more",
        "points": "{count} different times",
        "features": "{count} ({names})",
        "notes": "Noticed:",
        "faults": "Wrong: {count}{counting}",
        "counting": " ({how})",
        "well": "Nothing is wrong.",
        "none": "none",
        "colon": ": ",
    },
    "zh": {
        "title": "{origin}：{rows} 行",
        "numbers": "数值特征",
        "levels": "类别特征",
        "task": "任务",
        "target": "目标",
        "classes": "各类行数",
        "range": "取值范围",
        "missing": "缺失单元格",
        "groups": "分组",
        "time": "顺序",
        "binary": "二分类",
        "multiclass": "{count} 类分类",
        "regression": "回归",
        "more": "另有 {count} 个",
        "points": "{count} 个不同时刻",
        "features": "{count}（{names}）",
        "notes": "注意到：",
        "faults": "问题：{count} 个{counting}",
        "counting": "（{how}）",
        "well": "没有发现问题。",
        "none": "无",
        "colon": "：",
    },
}
COUNTING_IN_CHINESE = {
    "rows are counted from 1 below the header": "行号从表头下一行起，由 1 开始",
    "rows are counted from 1 below @data": "行号从 @data 下一行起，由 1 开始",
    "rows are counted from 1": "行号由 1 开始",
}


@click.command()
@click.argument("data")
@table_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@language_option
def doctor(data: str, target: str | None, as_json: bool, lang: str, **options: Any) -> int:
    """Say what the table DATA is, what was noticed in it, and all that is wrong with it; nothing is written.

    DATA is a file (.csv, .tsv, .parquet, .arff) with --target, a packaged table (iris, breast_cancer, …), or a toy.
    Exit status 3 if something is wrong.
    """
    from unbend.choosing.source import opened
    from unbend.data.tabular import examine

    try:
        found = examine(opened(data, target), target, **reading(**options))
    except DataError as error:  # not even readable
        _say_unreadable(str(error), as_json, lang)
        return error.exit_status
    if as_json:
        click.echo(json.dumps(as_dict(found), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(lines(found, lang)))
    return 0 if found.table else DataError.exit_status


def as_dict(found: "Examined") -> dict[str, Any]:
    """What was found, JSON-safe."""
    table = found.table
    said: dict[str, Any] = {"origin": found.raw.origin, "rows": len(found.raw.rows)}
    if table is not None:
        said |= {
            "target": table.target_name,
            "task": table.task,
            "classes": dict(zip(table.class_names, class_sizes(table), strict=True)),
            "numeric": list(table.number_names),
            "categorical": dict(zip(table.level_names, map(list, table.categories), strict=True)),
            "missing": missing_cells(table),
        }
    return said | {"notes": [str(note) for note in found.notes], "faults": [fault.text for fault in found.faults]}


def lines(found: "Examined", lang: str) -> list[str]:
    """What was found, for a terminal."""
    words = WORDS[lang]
    said = [words["title"].format(origin=plain(found.raw.origin), rows=f"{len(found.raw.rows):,}")]
    if found.table is not None:
        said += [f"  {words[what]}{words['colon']}{value}" for what, value in described(found.table, lang)]
    if found.notes:
        said += ["", words["notes"], *(f"- {note.said(lang)}" for note in found.notes)]
    if not found.faults:
        return [*said, "", words["well"]]
    counted = any(fault.rows for fault in found.faults)
    how = COUNTING_IN_CHINESE[found.raw.counting] if lang == "zh" else found.raw.counting
    counting = words["counting"].format(how=how) if counted else ""
    heading = words["faults"].format(count=len(found.faults), counting=counting)
    return [*said, "", heading, *(f"- {fault.text}" for fault in found.faults)]


def described(table: "Table", lang: str) -> list[tuple[str, str]]:
    """What a table is: pairs of a word of `WORDS` and its value."""
    words = WORDS[lang]
    said = [
        ("target", plain(table.target_name)),
        ("task", words[table.task].format(count=len(table.class_names))),
    ]
    if table.task == "regression":
        said.append(("range", f"{table.y.min():g} … {table.y.max():g}"))
    else:
        pairs = zip(table.class_names, class_sizes(table), strict=True)
        said.append(("classes", shown([f"{plain(name)} {count:,}" for name, count in pairs], lang, MOST_CLASSES)))
    for what, names in (("numbers", table.number_names), ("levels", _with_counts(table))):
        if names:
            listed = shown([plain(name) for name in names], lang, 6)
            said.append((what, words["features"].format(count=len(names), names=listed)))
    said.append(("missing", f"{missing_cells(table):,}" if missing_cells(table) else words["none"]))
    if table.groups is not None:
        said.append(("groups", f"{int(table.groups.max()) + 1:,}"))
    if table.time is not None:
        said.append(("time", words["points"].format(count=f"{len(np.unique(table.time)):,}")))
    return said


def class_sizes(table: "Table") -> list[int]:
    """Rows of each class; empty for a regression."""
    if table.task == "regression":
        return []
    return np.bincount(table.y.astype(np.int64), minlength=len(table.class_names)).tolist()


def missing_cells(table: "Table") -> int:
    """Feature cells without a value."""
    return int(np.isnan(table.numbers).sum()) + int((table.levels < 0).sum())


def shown(names: Sequence[str], lang: str, most: int) -> str:
    """The first few of many names.

    >>> shown(["a", "b", "c"], "en", 2)
    'a, b, and 1 more'
    """
    comma = "、" if lang == "zh" else ", "
    more = [WORDS[lang]["more"].format(count=len(names) - most)] if len(names) > most else []
    return comma.join([*names[:most], *more])


def plain(text: str) -> str:
    r"""Text without what could steer a terminal.

    >>> plain("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def _with_counts(table: "Table") -> tuple[str, ...]:
    pairs = zip(table.level_names, table.categories, strict=True)
    return tuple(f"{name}: {len(levels)}" for name, levels in pairs)


def _say_unreadable(sentence: str, as_json: bool, lang: str) -> None:
    if as_json:
        click.echo(json.dumps({"notes": [], "faults": [sentence]}, ensure_ascii=False, indent=2))
    else:
        click.echo(f"{WORDS[lang]['faults'].format(count=1, counting='')}\n- {sentence}")
