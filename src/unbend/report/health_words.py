"""Every word of the page of a watched model that does not depend on the model, in both languages."""

from unbend.text import Text

WORDS: dict[str, Text] = {
    "switch": Text(zh="语言 / language", en="语言 / language"),
    "contents": Text(zh="本页内容", en="On this page"),
    "findings": Text(zh="先看这里", en="What to look at first"),
    "layers": Text(zh="逐层数字", en="Layer by layer"),
    "course": Text(zh="训练过程", en="Along the training"),
    "moment": Text(zh="这一刻的各层", en="The layers at this moment"),
    "units": Text(zh="哪些单元", en="Which units"),
    "theory": Text(zh="起点：理论与实测", en="At the start: theory and measurement"),
    "method": Text(zh="定义与限度", en="Definitions and limits"),
    "watch": Text(zh="这次观察", en="This watch"),
    "data": Text(zh="数据", en="The numbers"),
    "healthy": Text(zh="健康", en="healthy"),
    "look": Text(zh="请留意", en="look"),
    "help": Text(zh="需要处理", en="needs help"),
    "alarm": Text(zh="警报", en="alarm"),
    "warning": Text(zh="警告", en="warning"),
    "note": Text(zh="提示", en="note"),
    "since": Text(zh="何时开始", en="Since"),
    "usual": Text(zh="健康值", en="Healthy"),
    "now": Text(zh="现在", en="Now"),
    "advice": Text(zh="先试什么", en="Try first"),
    "then": Text(zh="不够再试", en="If that is not enough"),
    "harmless": Text(zh="为什么无妨", en="Harmless because"),
    "if_stalled": Text(zh="学习停滞时可以试", en="If learning has stalled, try"),
    "times": Text(zh="{value}，是健康上限的 {times} 倍", en="{value}, {times} times what healthy models stay below"),
    "also": Text(zh="同样的层", en="Also in"),
    "others": Text(zh="另外 {count} 项", en="{count} more"),
    "healthy_since": Text(zh="第 {since} 步（第 {before} 步时还健康）", en="step {since} (healthy at step {before})"),
    "from_start": Text(zh="从训练之前起", en="before training"),
    "from_first": Text(zh="从第一次取样（第 {since} 步）起", en="the first sample (step {since})"),
    "nothing": Text(zh="没有需要处理的。", en="Nothing needs mending."),
    "passed": Text(
        zh="检查了 {layers} 个激活层、{samples} 次取样，以下各项都在健康范围内：{checks}。",
        en="{layers} activation layers were checked in {samples} samples; all of these are as in a healthy model: "
        "{checks}.",
    ),
    "copy_json": Text(zh="复制 JSON", en="Copy the JSON"),
    "copied": Text(zh="已复制", en="Copied"),
    "json": Text(
        zh="本页的全部数字（Health.to_dict()）也以 JSON 存放在文件中，id 为 health。",
        en="All numbers of this page (Health.to_dict()) are also in this file as JSON, in the element with the id "
        "health.",
    ),
    "footer": Text(
        zh="由 unbend {version} 生成。本页不联网，也不含任何数据行。",
        en="Made by unbend {version}. This page needs no network and contains no row of the data.",
    ),
    "state": Text(
        zh="训练 {steps} 步，取样 {samples} 次", en="{steps} steps of training, {samples} samples"
    ),
    "untrained": Text(zh="训练之前，取样一次", en="one sample, before any training"),
    "table_note": Text(
        zh="第 {step} 步时，从输入到输出。✗ 警报、! 警告、· 提示标出的格子与健康的模型不同；– 表示没有测到，"
        "不是 0。"
        "更新比是最近一次测到的。",
        en="At step {step}, from input to output. Cells marked ✗ (alarm), ! (warning) or · (note) are not as in a "
        "healthy model; – means not measured, not 0. The update ratio is the last one measured.",
    ),
    "course_note": Text(
        zh="每行一层，第一层在最上面；颜色越强，数值越大；斜线处没有测到；行右侧是最近的值。",
        en="A row is a layer, the first on top; the stronger the colour, the larger the value; nothing was measured "
        "where it is hatched; the last value stands at the right.",
    ),
    "theory_note": Text(
        zh="平均场理论预测权重随机的普通层堆叠；圆点远离虚线，说明权重、输入或归一化与假设不同。",
        en="Mean-field theory predicts a plain stack of layers with random weights; where dots leave the dashed "
        "line, "
        "weights or inputs are not as it assumes (wide layers, independent weights).",
    ),
}  # fmt: skip

# Columns of the table, after the number, the name and the activation.
COLUMNS: dict[str, Text] = {
    "units": Text(zh="单元", en="units"),
    "dead": Text(zh="死亡", en="dead"),
    "saturated": Text(zh="饱和", en="saturated"),
    "dormant": Text(zh="休眠", en="dormant"),
    "constant": Text(zh="恒定", en="constant"),
    "mean": Text(zh="均值", en="mean"),
    "spread": Text(zh="标准差", en="spread"),
    "gradient": Text(zh="梯度", en="gradient"),
    "rank": Text(zh="秩", en="rank"),
    "update": Text(zh="更新比", en="update ratio"),
}
LAYER, ACTIVATION = Text(zh="层", en="layer"), Text(zh="激活函数", en="activation")
ROLES = {"gate": Text(zh="门", en="gate"), "output": Text(zh="输出", en="output")}

TITLES = {
    "dead": Text(zh="死亡单元的比例", en="Share of dead units"),
    "saturated": Text(zh="饱和斜率的比例", en="Share of saturated slopes"),
    "gradient": Text(zh="梯度的范数", en="Norm of the gradient"),
    "update": Text(zh="一步更新的比例 ‖Δw‖ / ‖w‖", en="Size of an update, ‖Δw‖ / ‖w‖"),
    "units": Text(zh="从第一个到最后一个单元", en="From the first unit to the last"),
    "variance": Text(zh="信号向前传", en="The signal on its way forward"),
    "chi": Text(zh="梯度向后传", en="The gradient on its way back"),
}

# What is said where there is nothing to draw.
ABSENT = {
    "dead": Text(zh="每一层、每次取样都是 0%。", en="0% in every layer, in every sample."),
    "saturated": Text(
        zh="没有一层的饱和超过正态输入下的常态。", en="No layer is flatter than it is for standard normal inputs."
    ),
    "gradient": Text(zh="– 没有测到", en="– not measured"),
    "update": Text(zh="– 没有测到：没有取样落在看得见的更新上", en="– not measured: no update was among the samples"),
    "units": Text(zh="没有死亡或休眠的单元。", en="No unit is dead or dormant."),
}

# Why a note is no fault, by kind.
HARMLESS = {
    "dormant": Text(
        zh="其余单元承载着信号，梯度仍能到达休眠的单元；损失还在下降就不必管。",
        en="the other units carry the signal, and gradients reach the dormant ones; leave it while the loss falls.",
    ),
    "constant": Text(
        zh="其余单元能区分输入；这一层只是比任务所需的宽。",
        en="the other units tell the inputs apart; the layer is wider than the task needs.",
    ),
    "rank": Text(
        zh="数据本身方向就少时，输出的方向也少。",
        en="where the data has few directions itself, the outputs have few, too.",
    ),
    "update": Text(
        zh="训练刚开始时、或权重还很小时，大的一步很常见；损失还在下降就不必管。",
        en="large steps are usual at the beginning and for small weights; leave it while the loss falls.",
    ),
}
MILD = Text(zh="偏离不大；损失还在下降就不必管。", en="it is not far from healthy; leave it while the loss falls.")

# What a picture shows: the definition, and from where on it is not healthy.
CAPTIONS = {
    "dead": Text(
        zh="死亡：对探针的每个输入，单元的输出和斜率都是 0，梯度到不了它的权重。超过 {dead_warning} 警告，超过 "
        "{dead_alarm} "
        "警报。",
        en="Dead: output and slope are 0 for every input of the probe, so that no gradient reaches the unit's "
        "weights. "
        "Warning above {dead_warning} of a layer, alarm above {dead_alarm}.",
    ),
    "saturated": Text(
        zh="饱和：斜率 |f′| 小于 0.01 的（单元，输入）对。颜色：超出标准正态输入下常态的部分（ReLU "
        "的常态是一半，这是健康的）"
        "；右侧是比例本身。很少平坦的函数超过 {saturated_warning} 警告，超过 {saturated_alarm} 警报。",
        en="Saturated: pairs of a unit and an input where |f′| is below 0.01. The colour is what exceeds the "
        "share for "
        "standard normal inputs (for ReLU half, which is healthy), the number at the right the share itself. Warning "
        "above {saturated_warning}, alarm above {saturated_alarm} of a function that is seldom flat.",
    ),
    "gradient": Text(
        zh="探针得分（输出的固定随机组合）对该层输出的梯度。向第一层变弱就是消失，变强就是爆炸：首层与末层相差 "
        "{vanishing_warning} 倍警告，{vanishing_alarm} 倍警报。",
        en="Gradient of a score of the probe (a fixed random mix of the outputs) by the layer's outputs. It "
        "vanishes if "
        "rows fade towards the first layer and explodes if they grow stronger: warning where first and last differ "
        "{vanishing_warning} times, alarm at {vanishing_alarm} times.",
    ),
    "update": Text(
        zh="一步更新使该层之前的权重改变多少。0.001 左右常见；超过 {update_note} 提示，超过 {update_warning} 警告。",
        en="How much one step changes the weights in front of the layer. About 0.001 is usual; note above "
        "{update_note}, warning above {update_warning}.",
    ),
    "units": Text(
        zh="死亡：对探针输出和斜率都是 0。休眠：平均输出不超过该层平均的 {dormant}（Sokar 等，2023），梯度仍可到达。"
        "右侧：死亡单元数/全部；单元从 0 编号。换一个探针，结果可能不同。",
        en="Dead: output and slope are 0 on the probe. Dormant: on average at most {dormant} of what the units "
        "of its "
        "layer say (Sokar et al. 2023); gradients still reach it. At the right: dead units of all; units "
        "are numbered from 0. Another probe may "
        "wake some.",
    ),
    "variance": Text(
        zh="激活前的均方：每层都应差不多。持续下降，信号消失；持续上升，信号爆炸。",
        en="Mean square of the pre-activations: much the same in every layer if all is well; a fall loses the "
        "signal, "
        "a rise blows it up.",
    ),
    "chi": Text(
        zh="χ₁ = σ_w² E f′²：梯度的平方每向前一层的倍数。为 1 时大小不变，小于 1 消失，大于 1 爆炸。"
        "理论上 {predicted} 层"
        "变化 e 倍，实测 {measured} 层。",
        en="χ₁ = σ_w² E f′²: by how much the gradient's square grows from one layer to the one before it. "
        "It lasts at 1, "
        "vanishes below, explodes above; it changes by a factor of e in {predicted} layers by theory, {measured} "
        "measured.",
    ),
}

DEFINITIONS = {
    "dormant": Text(
        zh="休眠：单元的平均 |输出| 不超过该层平均的 {dormant}（Sokar 等，2023）。超过 {dormant_note} 提示；"
        "损失还在下降就无妨。",
        en="Dormant: the mean |output| of a unit is at most {dormant} of its layer's mean (Sokar et al. 2023). Note "
        "above {dormant_note}; harmless while the loss falls.",
    ),
    "constant": Text(
        zh="恒定：对每个输入给出几乎同样的值（波动不超过该层的 {constant}）。超过 {constant_note} 提示。",
        en="Constant: almost the same output for every input (a spread of at most {constant} of the layer's). "
        "Note above "
        "{constant_note}.",
    ),
    "mean": Text(
        zh="均值、标准差：激活前的数值在探针上的统计；标准差在 1 左右最常见。",
        en="Mean and spread: of the pre-activations on the probe; a spread (standard deviation) of about 1 is usual.",
    ),
    "rank": Text(
        zh="秩：输出的有效秩 exp(−Σ p log p)，p 为中心化输出的奇异值占比（Roy & Vetterli，2007），由最多 "
        "{rows} 行算出；"
        "斜线后是可能的最大值。",
        en="Rank: effective rank exp(−Σ p log p) of the outputs, p being the shares of the singular values of "
        "the centred "
        "outputs (Roy & Vetterli 2007), from at most {rows} rows; after the stroke the largest possible.",
    ),
    "probe": Text(
        zh="所有数字都在同一组探针输入上测得，模型处于评估模式；探针小，测到的就是近似。取样之间发生的事情看不到。",
        en="All numbers are measured on the same probe inputs, with the model in evaluation mode; a probe is a "
        "sample of "
        "the data, and what happens between two samples is not seen.",
    ),
}

FACTS = {
    "dead": Text(zh="死亡单元，最多的一层", en="dead units in the worst layer"),
    "saturated": Text(zh="饱和斜率，超出常态最多的一层", en="saturated slopes in the worst layer"),
    "ratio": Text(zh="梯度：第一层 ÷ 最后一层", en="gradient, first layer over last"),
    "cost": Text(zh="观察占训练时间", en="of the training time went into watching"),
    "in": Text(zh="在 {place}", en="in {place}"),
    "in_usual": Text(zh="在 {place}；输入为标准正态时 {usual}", en="in {place}; for standard normal input: {usual}"),
    "everywhere": Text(zh="每一层都是 0", en="0 in every layer"),
    "between": Text(zh="健康值 {low} 到 {high}", en="healthy: {low} to {high}"),
    "single": Text(zh="只有一层，没有比较", en="one layer: nothing to compare"),
    "sampled": Text(
        zh="{seconds} 秒；{steps} 步中取样 {samples} 次", en="{seconds} s; {samples} samples of {steps} steps"
    ),
    "units_more": Text(zh="{numbers}，另有 {count} 个", en="{numbers} and {count} more"),
    "not_trained": Text(zh="还没有训练", en="not trained yet"),
}

CARD = {
    "model": Text(zh="模型", en="model"),
    "cost": Text(zh="代价", en="cost"),
    "every": Text(zh="取样", en="sampling"),
    "auto": Text(zh="自动，按时间预算", en="automatic, by its budget of time"),
    "all": Text(zh="每一步", en="every step"),
    "each": Text(zh="每 {every} 步", en="every {every} steps"),
    "times": Text(
        zh="训练 {training} 秒，观察 {watching} 秒，其中开始之前 {setup} 秒",
        en="{training} s of training, {watching} s of watching, {setup} s of them before the first step",
    ),
    "packages": Text(zh="软件包", en="packages"),
    "notices": Text(zh="须知", en="to know"),
    "cost_line": Text(
        zh="这次观察用了 {seconds} 秒，占训练时间的 {share}：{steps} 步中取样 {samples} 次。",
        en="This watch took {seconds} s, {share} of the training time: {samples} samples of {steps} steps.",
    ),
    "free": Text(zh="还没有训练，只取样一次。", en="Nothing was trained yet; one sample was taken."),
}
