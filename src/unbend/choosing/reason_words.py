"""The words of the reasons, in English and Chinese."""

LANGUAGES = ("en", "zh")
WORDS: dict[str, tuple[str, str]] = {
    "nothing": ("The networks of all arms look healthy, and the arms differ no more than by chance: there is nothing "
                "to explain.",
                "各组网络都很健康，分数之差也没有超出偶然，没有什么需要解释。"),
    "alike": ("The arms differ no more than by chance, and nothing that was measured inside their networks sets one of "
              "them apart.",
              "各组分数之差没有超出偶然，网络内部的测量也没有哪一组与众不同。"),
    "goes_with": ("{arm} is {difference} below {best} ({metric}); this goes with {measures}.",
                  "{arm} 的{metric}比 {best} 低 {difference}，同时可以看到：{measures}。"),
    "unexplained": ("{arm} is {difference} below {best} ({metric}); nothing that was measured inside the networks goes "
                    "with it.",
                    "{arm} 的{metric}比 {best} 低 {difference}，但在网络内部没有测到相应的差别。"),
    "no_matter": ("{arm} is not measurably below {best}, in spite of {measures}.",
                  "{arm} 与 {best} 的分数看不出差别，尽管可以看到：{measures}。"),
    "linear_loses": ("{arm} cannot bend: however deep, its network is one linear map. It is {difference} below {best} "
                     "({metric}).",
                     "{arm} 不会弯曲：网络再深，也只是一个线性映射。它的{metric}比 {best} 低 {difference}。"),
    "linear_holds": ("{arm} cannot bend, and yet it is not measurably below {best}: nothing shows that this table "
                     "needs a bend.",
                     "{arm} 不会弯曲，分数却与 {best} 看不出差别：没有迹象表明这份数据需要弯曲。"),
    "linear_best": ("{arm} cannot bend, and no other arm has a higher mean score: nothing shows that this table "
                    "needs a bend.",
                    "{arm} 不会弯曲，平均分却没有哪一组更高：没有迹象表明这份数据需要弯曲。"),
    # what differs
    "gradient": ("a gradient that is {own} in the first layer than in the last ({best}: {other})",
                 "第一层的梯度是最后一层的 {own}（{best}：{other}）"),
    "smaller": ("{times} times smaller", "1/{times}"),
    "alike_large": ("no smaller", "1 倍"),
    "larger": ("{times} times larger", "{times} 倍"),
    "none": ("none", "无"),
    "dead": ("{own} of its units dead at the end ({best}: {other})",
             "训练结束时 {own} 的单元已经死亡（{best}：{other}）"),
    "saturated": ("{own} of its slopes flat at the end ({best}: {other})",
                  "训练结束时 {own} 的斜率接近 0（{best}：{other}）"),
    "usual": ("{said}, {usual} being usual", "{said}，其中 {usual} 属正常"),
    "diverged": ("{own} of its networks diverging ({best}: {other})", "{own} 的网络发散（{best}：{other}）"),
    "basin": ("good learning rates over {own} decades only ({best}: {other})",
              "合适的学习率只跨 {own} 个数量级（{best}：{other} 个）"),
    "epochs": ("{own} epochs to 90% of its best ({best}: {other})", "完成九成改进要 {own} 轮（{best}：{other} 轮）"),
    # what was changed
    "by_gain": ("With starting weights that keep the signal's variance, {arm}'s",
                "换用保持信号方差的初始权重后，{arm} 的"),
    "by_learning rate": ("With the usual learning rate of the best arm, {arm}'s",
                         "换用最佳一组的常用学习率后，{arm} 的"),
    "because": ("{change} {metric} rose from {before} to {after} ({p}), and {moved}: it was lower because of {causes}.",
                "{change}{metric}从 {before} 升到 {after}（{p}），{moved}：原先较低，是因为{causes}。"),
    "other_way": ("{change} {metric} rose from {before} to {after} ({p}), while {causes} did not ease beyond chance: "
                  "the change helps, by another way.",
                  "{change}{metric}从 {before} 升到 {after}（{p}），而{causes}没有明显缓解："
                  "这一改动有用，但起作用的是别的途径。"),
    "no_rise": ("{change} {metric} did not rise beyond chance ({before} to {after}, {p}), although {moved}: that "
                "{causes} held it back is not shown.",
                "{change}{metric}没有超出偶然的提高（{before} 到 {after}，{p}），尽管{moved}："
                "还不能说分数低与{causes}有因果关系。"),
    "no_effect": ("{change} {metric} did not rise beyond chance ({before} to {after}, {p}), and {causes} did not ease "
                  "either: this explains nothing.",
                  "{change}{metric}没有超出偶然的提高（{before} 到 {after}，{p}），{causes}也没有明显缓解："
                  "由此得不出解释。"),
    "moved_gradient": ("the first layer's gradient went from {own} to {new} times the last layer's",
                       "第一层与最后一层的梯度之比从 {own} 变为 {new}"),
    "moved_dead": ("dead units went from {own} to {new}", "死亡单元从 {own} 变为 {new}"),
    "moved_saturated": ("flat slopes went from {own} to {new}", "接近 0 的斜率从 {own} 变为 {new}"),
    "moved_diverged": ("diverging networks went from {own} to {new}", "发散的网络从 {own} 变为 {new}"),
    "moved_epochs": ("the epochs to 90% of its best went from {own} to {new}", "完成九成改进的轮数从 {own} 变为 {new}"),
    "moved_learning rate": ("its learning rate went from {own} to {new}", "学习率从 {own} 变为 {new}"),
    "cause_gradient": ("the unevenness of its gradients", "各层梯度不均"),
    "cause_vanishing": ("its vanishing gradient", "梯度消失"),
    "cause_exploding": ("its exploding gradient", "梯度爆炸"),
    "cause_dead": ("dead units", "单元死亡"),
    "cause_saturated": ("saturation", "饱和"),
    "cause_diverged": ("divergence", "发散"),
    "cause_epochs": ("slow learning", "学得慢"),
    "cause_learning rate": ("the learning rate", "学习率"),
    "measured": (", ", "；"),
    "last_measured": (" and ", "；"),
    "moved": (", ", "，"),
    "last_moved": (" and ", "，"),
    "causes": (", ", "、"),
    "last_causes": (" and ", "和"),
}  # fmt: skip
