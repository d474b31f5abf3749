"""``unbend choose`` with several tables: a run for each, and one verdict over all."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unbend.cli.arguments import slug, writable

if TYPE_CHECKING:
    from unbend.choosing.plan import Plan
    from unbend.choosing.several import SeveralVerdict

WORDS = {
    "en": {
        "title": "{count} tables; mean ranks, 1 is the best",
        "activation": "activation",
        "rank": "mean rank",
        "middle": "interquartile mean",
        "winner": "Winner over these tables: {best}.",
        "equivalent": "Equivalent over these tables: {names}.",
        "not decided": "Not decided over these tables: {names} are not excluded as the best.",
        "few": "Nothing can be said about tables in general from {count}; with these arms {needed} or more are needed.",
        "table": "{table}: {word}, {best} is highest on average",
    },
    "zh": {
        "title": "{count} 张表；平均秩，1 为最好",
        "activation": "激活函数",
        "rank": "平均秩",
        "middle": "四分位均值",
        "winner": "在这些表上的胜者（winner）：{best}。",
        "equivalent": "在这些表上等效（equivalent）：{names}。",
        "not decided": "在这些表上未决（not decided）：{names} 都还可能是最好的。",
        "few": "仅凭 {count} 张表不能推及一般；比较这么多个激活函数，至少需要 {needed} 张。",
        "table": "{table}：{word}，平均最高的是 {best}",
    },
}
VERDICTS = {"winner": "胜者", "equivalent": "等效", "not decided": "未决"}


def choose_several(
    names: list[str],
    plans: "list[Plan]",
    out: Path | None,
    workers: int | None,
    scheduler: str | None,
    as_json: bool,
    lang: str,
) -> int:
    """Run every plan in a folder of its own, tell each table's verdict and the one over all; the exit status."""
    from unbend.choosing.compare import carry_out_all, verdict_over
    from unbend.drawing.critical_difference import rank_diagram
    from unbend.report.choice_page import write_report

    folder = writable(out or usual_folder(names, plans))
    try:
        choices = carry_out_all(dict(zip(names, plans, strict=True)), folder, workers, scheduler)
    except KeyboardInterrupt:
        click.echo("unbend: stopped; the same command goes on where it was", err=True)
        return 130
    found = verdict_over(choices)
    pages = [write_report(choice, folder / name / "report.html") for name, choice in choices.items()]
    picture = folder / "critical-difference.svg"
    ranks: Any = found.friedman.mean_ranks
    rank_diagram(found.names, ranks, len(found.tables), found.alpha, lang).save(picture)
    if as_json:
        click.echo(json.dumps(found.to_dict(), ensure_ascii=False, allow_nan=False))
    else:
        _show(found, lang)
        for path in (*pages, picture):
            click.echo(path)
    return 0 if all(choice.study.complete for choice in choices.values()) else 4


def usual_folder(names: list[str], plans: "list[Plan]") -> Path:
    """Where the runs lie unless the user says otherwise: the same call finds its own runs again."""
    from unbend.choosing.plan import digest_of

    digest = digest_of([plan.to_dict() for plan in plans])[:8]
    return Path("unbend-runs") / f"{slug('-'.join(names))}-{digest}"


def _show(found: "SeveralVerdict", lang: str) -> None:
    from rich.console import Console
    from rich.table import Table

    words = WORDS[lang]
    table = Table(title=words["title"].format(count=len(found.tables)), title_justify="left")
    for heading in (words["activation"], words["rank"], words["middle"], *found.tables):
        table.add_column(heading, overflow="fold")
    for row in found.to_dict()["ranking"]:
        arm = found.names.index(row["activation"])
        middle = f"{row['interquartile_mean']:.3f} [{row['low']:.3f}, {row['high']:.3f}]"
        means = [f"{score:.3f}" for score in found.scores[:, arm]]
        table.add_row(row["activation"], f"{row['mean_rank']:.2f}", middle, *means)
    Console(highlight=False, markup=False, emoji=False).print(table)
    for name, verdict in zip(found.tables, found.verdicts, strict=True):
        word = VERDICTS[verdict.word] if lang == "zh" else verdict.word
        click.echo(words["table"].format(table=name, word=word, best=verdict.best))
    separator = "、" if lang == "zh" else ", "
    if found.enough_tables:
        click.echo(words[found.word].format(best=found.best, names=separator.join(found.not_excluded)))
    if len(found.tables) < found.tables_needed:
        click.echo(words["few"].format(count=len(found.tables), needed=found.tables_needed))
