"""Every word of the page of a choice that does not depend on the study, in both languages."""

from unbend.lessons import Text

WORDS: dict[str, Text] = {
    "ranking": Text(zh="排名", en="The ranking"),
    "pairs": Text(zh="两两比较", en="Every pair"),
    "rates": Text(zh="学习率", en="Learning rates"),
    "learning": Text(zh="训练曲线", en="How they learn"),
    "health": Text(zh="网络内部", en="Inside the networks"),
    "reasons": Text(zh="为什么", en="Why"),
    "next": Text(zh="接下来做什么", en="What to do next"),
    "method": Text(zh="方法", en="How this was measured"),
    "data": Text(zh="数据卡", en="Data card"),
    "environment": Text(zh="环境", en="Environment"),
    "sure": Text(zh="有多大把握", en="How sure that is"),
    "contents": Text(zh="本页内容", en="On this page"),
    "switch": Text(zh="语言 / language", en="语言 / language"),
    "copy_code": Text(zh="复制", en="Copy"),
    "copied": Text(zh="已复制", en="Copied"),
    "all_pairs": Text(zh="表格：全部比较", en="All comparisons as a table"),
    "untuned": Text(zh="不调学习率会怎样", en="The ranking without tuning"),
    "winner": Text(zh="胜者", en="winner"),
    "equivalent": Text(zh="等效", en="equivalent"),
    "not decided": Text(zh="未决", en="not decided"),
    "partial": Text(zh="部分结果", en="partial result"),
    "ranking_alt": Text(
        zh="图：每个激活函数的平均得分和区间；下表有同样的数字。",
        en="Chart: mean score and interval of every activation; the table below has the same numbers.",
    ),
    "ranking_caption": Text(
        zh="圆点：测试折上的平均得分；横线：联合 95% 区间。蓝色实心：不能排除是最好的；灰色空心：已排除。灰带："
        "与最好的平均分相差"
        "不超过 {rope}，没有实际意义。橙色：没有激活函数可选的基线。各激活函数用的是相同的划分，"
        "因此区间重叠不等于没有差别：差别看"
        "两两比较。",
        en="Dots: mean score on test folds; bars: simultaneous 95% intervals. Full blue: not excluded as the best; "
        "hollow grey: excluded. Grey band: within {rope} of the best mean, too near to matter. Orange: "
        "baselines, which have no activation to choose. All activations share their splits, so overlapping "
        "intervals do not mean that there is no difference; that is judged pair by pair below.",
    ),
    "pairs_alt": Text(
        zh="图：每一对激活函数的差、p 值和概率；下表有同样的数字。",
        en="Chart: difference, p-value and probability for every pair of activations; the table below has the same "
        "numbers.",
    ),
    "pairs_caption": Text(
        zh="每格：行减列的差{unit}、Holm 校正后的 p、行好出 {rope} 以上的概率 P。越深，P 越大；橙框：差别显著。"
        "激活函数很多时只写差。",
        en="A cell: the row's lead over the column{unit}, p after Holm's correction, and P, the probability that "
        "the row is better by more than {rope}. The darker, the larger P; an orange frame: significantly "
        "different. With many activations only the lead is written.",
    ),
    "rates_alt": Text(
        zh="图：每个激活函数的得分随学习率的变化。",
        en="Charts: the score of every activation over the learning rate.",
    ),
    "rates_caption": Text(
        zh="黑线：测试折上的平均得分随学习率的变化；灰线：其余激活函数。下方蓝柱：选中该学习率的划分所占比例；"
        "上方橙柱：发散的网络所占比例。",
        en="Black: mean score on test folds over the learning rate; grey: the other activations. Blue bars below: "
        "the share of splits that chose a rate. Orange bars above: the share of networks that diverged.",
    ),
    "untuned_alt": Text(
        zh="图：各自选学习率时与统一学习率时的得分。",
        en="Chart: scores with a learning rate chosen for each activation, and with one for all.",
    ),
    "untuned_caption": Text(
        zh="右侧：调学习率时的名次 → 全部用 {rate} 时的名次。两者不同，说明不调学习率的排名更多地反映了学习率，"
        "而不是激活函数。",
        en="At the right: the place with tuning → the place if all use {rate}. Where the two differ, a ranking "
        "without tuning tells of the learning rate rather than of the activation.",
    ),
    "learning_alt": Text(
        zh="图：每个激活函数的训练损失与验证损失。",
        en="Charts: training and validation loss of every activation.",
    ),
    "learning_caption": Text(
        zh="用选出的学习率训练时的平均损失：蓝色实线为验证行，橙色虚线为训练行。竖点线：到达最佳验证损失路程的 90%。",
        en="Mean loss with the chosen learning rate: blue on validation rows, dashed orange on training rows. "
        "Dotted upright line: 90% of the way to the best validation loss.",
    ),
    "health_caption": Text(
        zh="用选出的学习率，在固定的探测行上测得；“a → b”为训练开始与结束时。死亡：对所有探测行梯度都为 0 "
        "的隐藏单元；饱和：斜率几乎为 0 的激活；梯度比：第一层与最后一层梯度范数之比；χ₁："
        "初始化时每过一层梯度平方的倍数；宽度："
        "与最好的学习率几乎一样好的范围，以 10 的幂次计。",
        en="With the chosen learning rate, on fixed probe rows; “a → b” is at the start and at the end of training. "
        "Dead: hidden units without gradient on every probe row. Saturated: activations with hardly any slope. "
        "Gradient ratio: the norm in the first layer over that in the last. χ₁: by what the squared gradient is "
        "multiplied per layer at the start. Basin: how wide the range of nearly equally good learning rates is, in "
        "powers of ten.",
    ),
    "inputs_note": Text(
        zh="X_train、y_train 是你的训练数据；学习率与轮数是各次划分选出的中位数。",
        en="X_train and y_train are your training data; learning rate and epochs are the medians of what the splits "
        "chose.",
    ),
    "footer": Text(
        zh="由 unbend {version} 生成。本页不联网，也不含任何数据行。",
        en="Made by unbend {version}. This page needs no network and contains no row of the data.",
    ),
    # columns of tables
    "activation": Text(zh="激活函数", en="activation"),
    "mean": Text(zh="平均", en="mean"),
    "interval": Text(zh="联合 95% 区间", en="simultaneous 95% interval"),
    "behind": Text(zh="与最好相差", en="behind the best"),
    "p_holm": Text(zh="p（Holm）", en="p (Holm)"),
    "p": Text(zh="p", en="p"),
    "rate": Text(zh="学习率", en="learning rate"),
    "diverged": Text(zh="发散", en="diverged"),
    "first": Text(zh="前者", en="first"),
    "second": Text(zh="后者", en="second"),
    "difference": Text(zh="差", en="difference"),
    "worse": Text(zh="P(更差)", en="P(worse)"),
    "equal": Text(zh="P(等效)", en="P(equivalent)"),
    "better": Text(zh="P(更好)", en="P(better)"),
    "wins": Text(zh="胜出的划分", en="splits won"),
    "dead": Text(zh="死亡", en="dead"),
    "saturated": Text(zh="饱和", en="saturated"),
    "gradient": Text(zh="梯度比", en="gradient ratio"),
    "chi": Text(zh="χ₁", en="χ₁"),
    "epochs_to_90": Text(zh="到 90% 的轮数", en="epochs to 90%"),
    "basin": Text(zh="宽度", en="basin"),
}

METHOD: dict[str, Text] = {
    "estimand": Text(
        zh="估计的是：“激活函数 a，学习率和轮数在预算内选出”，用这样的数据约 {train} 行训练后，"
        "在新数据上的{metric}期望。它不是某一个网络的得分。",
        en="What is estimated: the expected {metric}, on new data like this, of “activation a with learning rate "
        "and epochs chosen within the budget”, trained on about {train} rows. It is not the score of one network.",
    ),
    "splits": Text(
        zh="划分：{repeats} 次重复的 {folds} 折{kind}，共 {splits} 次，每次约 {test} 行测试。"
        "所有激活函数用相同的划分、相同的随机数"
        "和相同的批次顺序；每次划分内 {seeds} 个种子取平均，每个种子在另一部分训练行上验证，"
        "学习率和轮数由它们的平均验证损失选出。"
        "测试行不参与任何选择。",
        en="Splits: {repeats} × {folds} folds{kind}, {splits} in all, about {test} test rows each. Every activation "
        "has the same splits, random draws and order of batches. In each split {seeds} seeds are averaged; each "
        "validates on another part of the training rows, and their mean validation loss chooses learning rate "
        "and epochs. No test row takes part in any choice.",
    ),
    "budget": Text(
        zh="预算，人人相同：{rates} 个学习率（{low} 到 {high}），至多 {epochs} 轮，{optimizer}，批大小 {batch}。"
        "一共训练了 {networks} 个网络。",
        en="Budget, the same for all: {rates} learning rates from {low} to {high}, {epochs} epochs at most, "
        "{optimizer}, batches of {batch}. {networks} networks were trained.",
    ),
    "extended": Text(
        zh="如果最好的学习率在边上，搜索就越过边界继续，至多 {extensions} 次。",
        en="Where the best learning rate lies at the edge, the search goes on beyond it, up to {extensions} times.",
    ),
    "tests": Text(
        zh="检验：两个激活函数之间用校正的重采样 t 检验（Nadeau 与 Bengio 2003；Bouckaert 与 Frank 2004），"
        "它考虑到各次划分共用训练行；"
        "{pairs} 对之间用 Holm（1979）校正；区间为联合区间（Bonferroni）。概率来自贝叶斯相关 t 检验，±{rope} "
        "以内算等效（Benavoli 等"
        " 2017）。",
        en="Tests: two activations are compared by the corrected resampled t-test (Nadeau & Bengio 2003; Bouckaert "
        "& Frank 2004), which knows that splits share training rows, with Holm's correction (1979) over all "
        "{pairs} pairs; intervals are simultaneous (Bonferroni). Probabilities come from the Bayesian correlated "
        "t-test, in which differences within ±{rope} count as equivalent (Benavoli et al. 2017).",
    ),
    "verdict": Text(
        zh="结论：最好的激活函数显著好于某个对手、且好出 {rope} 以上的概率至少 0.95 时，排除该对手。"
        "排除了所有对手，就是胜者；没被排除的都以"
        "至少 0.95 的概率与它相差不超过 {rope}，就是等效；否则未决。",
        en="Verdict: the best activation excludes a rival that it beats significantly and by more than {rope} with "
        "probability 0.95. If it excludes all, it is the winner; if all that it does not exclude lie within "
        "{rope} of it with probability 0.95, they are equivalent; else the matter is not decided.",
    ),
    "failures": Text(
        zh="发散的网络按不看输入的常数答案计分，从不丢弃。最好成绩的乐观偏差用嵌套选择{held}来核对（Cawley 与 "
        "Talbot 2010）。",
        en="Networks that diverge are scored as the constant answer, never dropped. The optimism of the best score "
        "is checked by a nested choice{held} (Cawley & Talbot 2010).",
    ),
}
KINDS = {
    "time": Text(zh="（按时间递进）", en=", growing windows in time"),
    "groups": Text(zh="（组不拆开）", en=" that keep groups whole"),
    "regression": Text(zh="", en=""),
    "classes": Text(zh="（按类别分层）", en=", stratified by class"),
}
HELD = Text(zh="和未参与比较的 {rows} 行", en=" and on {rows} rows kept out of the comparison")

CALIBRATION = Text(
    zh="校准：这套方法用真实的小网络、在已知答案的模拟数据上检验过。{arms} 个只有种子不同的激活函数、{tables} "
    "张表：误报胜者的比例 {winner}"
    "（95% 区间 {winner_low} 到 {winner_high}），误报任何显著差别 {any}。在输入列不同但同样有用的网络之间，"
    "把各次划分当作独立的普通 t 检验在 {naive} 的表上误报差别，这里的检验为 {corrected}。"
    "真实差别为 {planted} 时，有 {power} 的表找到了它。",
    en="Calibration: this procedure was tried with real small networks where the answer is known. Of {tables} "
    "tables with {arms} activations that differ in their seeds alone, {winner} had a false winner (95% interval "
    "{winner_low} to {winner_high}) and {any} any difference called significant. Between two networks that see "
    "different, equally telling columns, the plain t-test, which takes splits for independent, finds a difference on "
    "{naive} of the tables, the test used here on {corrected}. A true difference of {planted} was found on {power} of "
    "its tables.",
)

FACTS: dict[str, Text] = {
    "fact_best": Text(zh="最高平均 {metric}：{best}", en="highest mean {metric}: {best}"),
    "fact_better": Text(
        zh="{best} 比 {second} 好出 {rope} 以上的概率", en="chance that {best} beats {second} by more than {rope}"
    ),
    "fact_detectable": Text(zh="能可靠看出的最小差别{unit}", en="smallest difference that could be seen{unit}"),
    "fact_untouched": Text(zh="{best} 在未参与比较的行上", en="{best} on rows kept out of the comparison"),
    "fact_nested": Text(zh="不带乐观偏差的得分（嵌套）", en="score without optimism (nested)"),
    "of": Text(zh="区间 {interval}", en="interval {interval}"),
    "against": Text(zh="差 {difference}", en="difference {difference}"),
    "rows": Text(zh="共 {rows} 行", en="with {rows} rows"),
    "own": Text(zh="比较中的平均为 {mean}", en="its mean in the comparison: {mean}"),
}

DATA: dict[str, Text] = {
    "origin": Text(zh="来源", en="origin"),
    "target": Text(zh="目标", en="target"),
    "task": Text(zh="任务", en="task"),
    "rows": Text(zh="行数", en="rows"),
    "columns": Text(zh="列", en="columns"),
    "missing": Text(zh="缺失值", en="missing values"),
    "classes": Text(zh="类别（行数）", en="classes (rows)"),
    "notes": Text(zh="备注", en="notes"),
    "digest": Text(zh="SHA-256", en="SHA-256"),
    "binary": Text(zh="二分类", en="two classes"),
    "multiclass": Text(zh="多分类", en="several classes"),
    "regression": Text(zh="回归", en="regression"),
    "kinds": Text(zh="{numbers} 个数值列，{levels} 个类别列", en="{numbers} numeric, {levels} categorical"),
    "more": Text(zh="……以及另外 {count} 个", en="… and {count} more"),
    "groups": Text(zh="{count} 个组，不拆开", en="{count} groups, kept whole"),
    "grouping": Text(zh="分组", en="groups"),
    "order": Text(zh="时间顺序", en="order in time"),
    "kept": Text(zh="训练行总在测试行之前", en="training rows always before test rows"),
    "command": Text(zh="命令", en="command"),
    "seed": Text(zh="种子", en="seed"),
    "processor": Text(zh="处理器", en="processor"),
    "packages": Text(zh="软件包", en="packages"),
}
