"""The verdict in plain sentences, English and Chinese, the most important one first."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from unbend.choosing import forms
from unbend.choosing.choice import Choice
from unbend.choosing.metrics import METRICS
from unbend.choosing.next_steps import Step, next_steps
from unbend.choosing.reasons import reasons
from unbend.choosing.verdict import Comparison
from unbend.errors import UnbendError, did_you_mean

__all__ = ["Step", "headline", "linear_suffices", "next_steps", "title", "trees_win", "why"]

LANGUAGES = ("en", "zh")
MOST_NAMED = 8  # arms that a sentence lists
WORDS: dict[str, tuple[str, str]] = {
    "title_nothing": ("Every network diverged", "所有网络都发散了"),
    "nothing": ("Not decided: every network of every activation diverged, so nothing was compared. Try smaller "
                "learning rates, or activations that are finite everywhere.",
                "未决（not decided）：每个激活函数的所有网络都发散了，没有可比较的结果。"
                "请试更小的学习率，或处处有限的激活函数。"),
    "title_trees": ("Boosted trees beat every network here", "梯度提升树胜过这里的每一个网络"),
    "title_linear": ("No non-linearity is needed here, as far as these rows show", "就这些数据看，这里不需要非线性"),
    "title_winner": ("{best} wins", "{best} 胜出"),
    "title_equivalent": ("{count} of {arms} are equivalent: any of them will do", "{arms} 个中有 {count} 个等效："
                                                                                  "选哪个都行"),
    "title_all": ("None of the {arms} is ruled out as the best", "{arms} 个都还可能是最好的"),
    "title_open": ("{count} of {arms} could be the best", "{arms} 个中有 {count} 个都可能是最好的"),
    "trees": ("Boosted trees do better than every network here: {metric} {theirs} against {ours} for the best, {best}, "
              "on the same splits (p {p}). Unless you need a network, use trees.",
              "梯度提升树胜过这里的每一个网络：{metric} {theirs}，最好的网络 {best} 只有 {ours}（p {p}）。"
              "如果不是非用网络不可，就用树。"),
    "linear_better": ("A linear model does better than every network here: {metric} {theirs} against {ours} for the "
                      "best, {best} (p {p}). No non-linearity is needed.",
                      "线性模型胜过这里的每一个网络：{metric} {theirs}，最好的网络 {best} 为 {ours}（p {p}）。"
                      "不需要非线性。"),
    "linear_equivalent": ("A linear model does as well: {metric} {theirs} against {ours} for the best network, {best} "
                          "(P(equivalent) = {chance}). No non-linearity is needed.",
                          "线性模型同样好：{metric} {theirs}，最好的网络 {best} 为 {ours}（等效的概率 {chance}）。"
                          "不需要非线性。"),
    "linear_tie": ("A linear model ties with the best network, {best}: {metric} {theirs} against {ours} on the "
                   "same splits (p {p}). Nothing in this table shows that a non-linearity is needed.",
                   "线性模型与最好的网络 {best} 打平：{metric} {theirs} 对 {ours}（p {p}）。"
                   "这张表里没有任何迹象表明需要非线性。"),
    "linear_open": ("The best network is ahead of a linear model ({metric} {ours} against {theirs}), but not "
                    "significantly (p {p}): that a non-linearity is needed is not shown.",
                    "最好的网络领先于线性模型（{metric} {ours} 对 {theirs}），但不显著（p {p}）：还不能说需要非线性。"),
    "trees_tie": ("Boosted trees do about as well as the best network: {metric} {theirs} against {ours} on the same "
                  "splits (p {p}).",
                  "梯度提升树与最好的网络相差无几：在相同的划分上，{metric} {theirs} 对 {ours}（p {p}）。"),
    "dummy": ("No network beats the constant answer ({metric} {theirs}): the columns tell nothing about the target "
              "that these networks could learn.",
              "没有一个网络胜过常数答案（{metric} {theirs}）：这些列里没有网络能学到的、关于目标的信息。"),
    "winner": ("Winner: {best}, with {metric} {ours}. It is better than {others}, significantly and by more than "
               "{rope} with probability 0.95.",
               "胜者（winner）：{best}，{metric} {ours}。它显著好于{others}，且好出 {rope} 以上的概率不低于 0.95。"),
    "each": ("each of the {count} others", "其余 {count} 个中的每一个"),
    "one": ("{second}", " {second}"),
    "equivalent": ("Equivalent: {names}. None of them differs from {best}, the highest on average with {metric} "
                   "{ours}, by more than {rope}; take the one that is cheapest for you.",
                   "等效（equivalent）：{names}。与平均最高的 {best}（{metric} {ours}）相比，相差都不超过 {rope}；"
                   "选对你来说最省事的那个即可。"),
    "open": ("Not decided: {names} are not excluded as the best. {best} is highest on average, with {metric} {ours}.",
             "未决（not decided）：{names} 都还可能是最好的。平均最高的是 {best}，{metric} {ours}。"),
    "excluded": ("Excluded as the best: {names}.", "已排除，不会是最好的：{names}。"),
    "partial": ("This is a partial result: {done} of {all} splits so far. Resume the run before you rely on it.",
                "这是部分结果：目前完成 {all} 次划分中的 {done} 次。继续跑完再下结论。"),
    "rival": ("Against the nearest rival, {second}: {difference} (simultaneous 95% interval {interval}; p {p} after "
              "Holm's correction). The chance that {first} is better by more than {rope} is {better}, that the two are "
              "equivalent {equal}, that it is worse {worse}.",
              "与最接近的对手 {second} 相比：{difference}（联合 95% 区间 {interval}；Holm 校正后 p {p}）。"
              "{first} 好出 {rope} 以上的概率为 {better}，两者等效为 {equal}，更差为 {worse}。"),
    "detectable": ("Differences below {detectable} could not have been seen reliably with these {rows} rows, even by a "
                   "single test of a typical pair",
                   "凭这 {rows} 行数据，即使只对典型的一对做一次检验，"
                   "小于 {detectable} 的差别也无法可靠地看出来"),
    "floor": ("; more repeats would not help, more rows would.", "；再多重复也没用，多一些行才有用。"),
    "repeats": ("; more repeats would bring that down to {floor} at best, more rows further.",
                "；增加重复最多降到 {floor}，再往下只能靠更多的行。"),
    "nested": ("The best of several scores flatters itself. Chosen anew in every split, without a look at its test "
               "rows, the best arm scores {nested}",
               "在多个分数里挑最高的，总会偏乐观：若在每次划分中都不看测试行、重新挑选，得分为 {nested}"),
    "untouched": ("; on {count} rows that took no part in the comparison {best} scores {untouched}.",
                  "；在完全没有参与比较的 {count} 行上，{best} 得分 {untouched}。"),
    "stop": (".", "。"),
    "broken": ("{count} of {all} shards could not be trained and count as failed networks, the first because of: "
               "{reason}. Resume the run to try them again.",
               "{all} 个分片中有 {count} 个无法训练，按失败的网络计分；第一个的原因是：{reason}。"
               "恢复运行（resume）会再试一次。"),
    "failures": ("Networks that diverged even with their chosen learning rate: {names}. They count as the constant "
                 "answer.",
                 "用选出的学习率训练仍然发散的网络：{names}。它们按常数答案计分。"),
    "twin": ("Control: {first} and its hidden twin, which differs in its seeds alone, are not told apart "
             "({difference}, p {p}). So it must be.",
             "对照：{first} 与它只有种子不同的隐藏“孪生”没有被区分开（{difference}，p {p}）。理应如此。"),
    "twin_fails": ("The control is off: {first} and its hidden twin, which differs in its seeds alone, seem to differ "
                   "({difference}, p {p}). That is chance, as happens about once in twenty times: do not trust "
                   "differences of this size here.",
                   "对照异常：{first} 与它只有种子不同的隐藏“孪生”似乎有差别（{difference}，p {p}）。"
                   "这只是偶然，大约二十次会遇上一次：在这里不要相信这么大的差别。"),
    "and": (" and ", " 和 "),
    "comma": (", ", "、"),
    "more": ("{count} others", "其余 {count} 个"),
}  # fmt: skip


@dataclass(frozen=True)
class Say:
    """The sentences of one language."""

    lang: str

    def __post_init__(self) -> None:
        """Refuse a language that is not there."""
        if self.lang not in LANGUAGES:
            raise UnbendError(f"there is no language {self.lang!r}; {did_you_mean(self.lang, LANGUAGES)}")

    def __call__(self, key: str, **values: Any) -> str:
        """A sentence with its values."""
        return forms.closed(WORDS[key][LANGUAGES.index(self.lang)].format(**values))

    def names(self, names: "tuple[str, ...] | list[str]") -> str:
        """A list in words, cut where it would be long."""
        shown = list(names) if len(names) <= MOST_NAMED else list(names[: MOST_NAMED - 1])
        if len(shown) < len(names):
            shown.append(self("more", count=len(names) - len(shown)))
        if len(shown) == 1:
            return shown[0]
        return self("comma").join(shown[:-1]) + self("and") + shown[-1]


def headline(choice: Choice, lang: str) -> tuple[str, ...]:
    """What a study came to, a sentence or two each, the most important first.

    Boosted trees that win and a linear model that ties come before the verdict; then how sure it is, what could not
    have been seen, the score without optimism, failures and the control. Raises `UnbendError` for an unknown language.
    """
    say = Say(lang)
    if choice.verdict.nothing_trained:
        return tuple(said for said in (say("nothing"), _partial(choice, say), _broken(choice, say)) if said)
    told = (
        *_baselines(choice, say),
        _verdict(choice, say),
        _partial(choice, say),
        _excluded(choice, say),
        _rival(choice, say),
        _linear_open(choice, say),
        _trees_tie(choice, say),
        _detectable(choice, say),
        _optimism(choice, say),
        _broken(choice, say),
        _failures(choice, say),
        _control(choice, say),
    )
    return tuple(sentence for sentence in told if sentence)


def why(choice: Choice, lang: str) -> tuple[str, ...]:
    """The sentences of why of a choice."""
    if choice.verdict.nothing_trained:
        return ()
    return reasons(choice.verdict, choice.diagnoses, choice.interventions, lang)


def title(choice: Choice, lang: str) -> str:
    """The result in a few words, as a heading."""
    verdict, say = choice.verdict, Say(lang)
    count, arms = len(verdict.not_excluded), len(verdict.ranking)
    if verdict.nothing_trained:
        return say("title_nothing")
    if trees_win(choice):
        return say("title_trees")
    if linear_suffices(choice):
        return say("title_linear")
    if verdict.word == "winner":
        return say("title_winner", best=verdict.best)
    if verdict.word == "not decided" and count == arms:
        return say("title_all", arms=arms)
    return say("title_equivalent" if verdict.word == "equivalent" else "title_open", count=count, arms=arms)


def trees_win(choice: Choice) -> bool:
    """Whether boosted trees beat the best network significantly."""
    return choice.trees is not None and _loses(choice.trees, choice.verdict.alpha)


def linear_suffices(choice: Choice) -> bool:
    """Whether a linear model ties with the best network: not significantly worse, and no likelier to be worse than not.

    Worse means by more than the difference that matters.
    """
    one = choice.linear
    return one is not None and not _beats(one, choice.verdict.alpha) and one.better < 0.5


def _beats(one: Comparison, alpha: float) -> bool:
    return one.difference > 0 and one.p_holm <= alpha


def _loses(one: Comparison, alpha: float) -> bool:
    return one.difference < 0 and one.p_holm <= alpha


def _common(choice: Choice, say: Say) -> dict[str, str]:
    """The words that most sentences use."""
    verdict = choice.verdict
    best = verdict.ranking[0]
    return {
        "metric": METRICS[verdict.metric].words[LANGUAGES.index(say.lang)],
        "best": best.activation,
        "ours": forms.score(verdict.metric, best.mean),
        "rope": forms.difference(verdict.metric, verdict.rope, say.lang, signed=False),
    }


def _baselines(choice: Choice, say: Say) -> list[str]:
    """Models without an activation that do as well or better."""
    metric, common = choice.verdict.metric, _common(choice, say)
    means = _means(choice)
    told: list[str] = []
    if trees_win(choice) and choice.trees is not None:
        told.append(_against(say, "trees", choice.trees, means["trees"], common, metric))
    if linear_suffices(choice) and choice.linear is not None:
        told.append(
            _against(
                say, _linear_key(choice.linear, choice.verdict.alpha), choice.linear, means["linear"], common, metric
            )
        )
    if "dummy" in means and choice.verdict.ranking[0].mean <= means["dummy"]:
        told.append(say("dummy", **common, theirs=forms.score(metric, means["dummy"])))
    return told


def _means(choice: Choice) -> dict[str, float]:
    """Scores of the baselines on the splits that the study has finished."""
    done = choice.study.splits
    shared = {one.name: [split for split in done if split < len(one.scores)] for one in choice.baselines}
    return {one.name: float(one.scores[shared[one.name]].mean()) for one in choice.baselines if shared[one.name]}


def _against(say: Say, key: str, one: Comparison, theirs: float, common: dict[str, str], metric: str) -> str:
    """The best network on the splits that it shares with a baseline."""
    ours = forms.score(metric, theirs + one.difference)
    numbers = {"theirs": forms.score(metric, theirs), "p": forms.p_value(one.p), "chance": forms.chance(one.equivalent)}
    return say(key, **common | {"ours": ours} | numbers)


def _linear_key(one: Comparison, alpha: float) -> str:
    if _loses(one, alpha):
        return "linear_better"
    return "linear_equivalent" if one.equivalent >= 0.95 else "linear_tie"


def _verdict(choice: Choice, say: Say) -> str:
    verdict, common = choice.verdict, _common(choice, say)
    if verdict.word == "winner":
        count, second = len(verdict.ranking) - 1, verdict.ranking[1].activation
        return say("winner", **common, others=say("each" if count > 1 else "one", count=count, second=second))
    key = "equivalent" if verdict.word == "equivalent" else "open"
    return say(key, **common, names=say.names(verdict.not_excluded))


def _partial(choice: Choice, say: Say) -> str:
    done, planned = len(choice.study.splits), len(choice.study.plan.splits.outer)
    whole = choice.study.complete or (done == planned and choice.study.failures)
    return "" if whole else say("partial", done=done, all=planned)


def _excluded(choice: Choice, say: Say) -> str:
    verdict = choice.verdict
    beaten = [one.activation for one in verdict.ranking if one.activation not in verdict.not_excluded]
    return say("excluded", names=say.names(beaten)) if beaten and len(verdict.not_excluded) > 1 else ""


def _rival(choice: Choice, say: Say) -> str:
    verdict = choice.verdict
    one = verdict.comparison(verdict.best, verdict.ranking[1].activation)
    return say(
        "rival",
        first=one.first,
        second=one.second,
        difference=forms.difference(verdict.metric, one.difference, say.lang),
        interval=forms.interval(verdict.metric, one.low, one.high, say.lang, of="difference"),
        p=forms.p_value(one.p_holm),
        rope=_common(choice, say)["rope"],
        better=forms.chance(one.better),
        equal=forms.chance(one.equivalent),
        worse=forms.chance(one.worse),
    )


def _linear_open(choice: Choice, say: Say) -> str:
    one = choice.linear
    if one is None or linear_suffices(choice) or _beats(one, choice.verdict.alpha):
        return ""
    return _against(say, "linear_open", one, _means(choice)["linear"], _common(choice, say), choice.verdict.metric)


def _trees_tie(choice: Choice, say: Say) -> str:
    one, alpha = choice.trees, choice.verdict.alpha
    if one is None or trees_win(choice) or _beats(one, alpha) or one.better >= 0.5:
        return ""
    return _against(say, "trees_tie", one, _means(choice)["trees"], _common(choice, say), choice.verdict.metric)


def _detectable(choice: Choice, say: Say) -> str:
    """With the floor that infinitely many repeats would leave: sqrt((n_test / n_train) / (1/J + n_test / n_train))."""
    metric, seen = choice.verdict.metric, choice.verdict.detectable_difference
    splits = choice.study.plan.splits
    ratio = splits.n_test / splits.n_train
    floor = seen * float(np.sqrt(ratio / (ratio + 1 / len(choice.study.splits))))
    said = say(
        "detectable",
        detectable=forms.difference(metric, seen, say.lang, signed=False),
        rows=f"{len(choice.study.plan.table):,}",
    )
    close = floor > 0.9 * seen
    return said + say("floor" if close else "repeats", floor=forms.difference(metric, floor, say.lang, signed=False))


def _optimism(choice: Choice, say: Say) -> str:
    metric, held = choice.verdict.metric, choice.study.plan.splits.untouched
    said = say("nested", nested=forms.score(metric, choice.nested))
    if choice.untouched is None or held is None:
        return said + say("stop")
    score = forms.score(metric, choice.untouched)
    return said + say("untouched", count=f"{len(held.test):,}", best=choice.verdict.best, untouched=score)


def _broken(choice: Choice, say: Say) -> str:
    study = choice.study
    if not study.failures:
        return ""
    reason = study.failures[0].reason.rstrip(".")
    return say("broken", count=len(study.failures), all=len(study.plan.shards), reason=reason)


def _failures(choice: Choice, say: Say) -> str:
    failed = [
        f"{one.activation} {forms.share(one.failure_rate)}" for one in choice.verdict.ranking if one.failure_rate > 0
    ]
    return say("failures", names=say.names(failed)) if failed else ""


def _control(choice: Choice, say: Say) -> str:
    one = choice.control
    if one is None:
        return ""
    key = "twin_fails" if one.p_holm <= choice.verdict.alpha else "twin"
    difference = forms.difference(choice.verdict.metric, one.difference, say.lang)
    return say(key, first=one.first, difference=difference, p=forms.p_value(one.p_holm))
