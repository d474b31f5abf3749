"""What to do after a choice: code for PyTorch, Keras and scikit-learn with everything that the study has chosen."""

from dataclasses import dataclass
from textwrap import indent
from typing import Any

import numpy as np

from unbend.activations import activation
from unbend.choosing.arms import Arm
from unbend.choosing.choice import Choice
from unbend.network import exact_gain
from unbend.properties.code import library_code

SKLEARN = {"identity": "identity", "relu": "relu", "tanh": "tanh", "sigmoid": "logistic"}
TORCH_OPTIMISERS = {
    "sgd": "torch.optim.SGD(model.parameters(), lr={rate})",
    "adam": "torch.optim.Adam(model.parameters(), lr={rate})",
    "adamw": "torch.optim.AdamW(model.parameters(), lr={rate}, weight_decay=0.0)",
    "rmsprop": "torch.optim.RMSprop(model.parameters(), lr={rate})",
}
KERAS_OPTIMISERS = {
    "sgd": "keras.optimizers.SGD({rate})",
    "adam": "keras.optimizers.Adam({rate}, epsilon=1e-8)",
    "adamw": "keras.optimizers.AdamW({rate}, epsilon=1e-8, weight_decay=0.0)",
    "rmsprop": "keras.optimizers.RMSprop({rate}, rho=0.99, epsilon=1e-8)",
}
TORCH_STARTS = {
    "normal": "torch.nn.init.normal_(layer.weight, std=0.05)",
    "uniform": "torch.nn.init.uniform_(layer.weight, -0.05, 0.05)",
    "glorot_normal": "torch.nn.init.xavier_normal_(layer.weight)",
    "glorot_uniform": "torch.nn.init.xavier_uniform_(layer.weight)",
    "he_normal": 'torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")',
    "he_uniform": 'torch.nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")',
    "lecun_normal": "torch.nn.init.normal_(layer.weight, std=layer.in_features**-0.5)",
    "orthogonal": "torch.nn.init.orthogonal_(layer.weight)",
    "zeros": "torch.nn.init.zeros_(layer.weight)",
}
SCALED = 'VarianceScaling({0} * gain**2, mode="{1}", distribution="{2}")'
KERAS_STARTS = {  # Glorot's, He's and LeCun's are a variance, as a multiple of 1 over the fan
    "normal": "RandomNormal(stddev=0.05 * gain)",
    "uniform": "RandomUniform(-0.05 * gain, 0.05 * gain)",
    "glorot_normal": SCALED.format(1.0, "fan_avg", "untruncated_normal"),
    "glorot_uniform": SCALED.format(1.0, "fan_avg", "uniform"),
    "he_normal": SCALED.format(2.0, "fan_in", "untruncated_normal"),
    "he_uniform": SCALED.format(2.0, "fan_in", "uniform"),
    "lecun_normal": SCALED.format(1.0, "fan_in", "untruncated_normal"),
    "orthogonal": "Orthogonal(gain)",
    "zeros": "Zeros()",
}
BY_KIND = """\
# a value that is missing or unknown has 0 in all of its columns; columns that are not named are no features
levels = OneHotEncoder(categories={categories!r}, handle_unknown="ignore", sparse_output=False)
prepare = make_column_transformer(
    (numbers, {numbers!r}),
    (levels, {levels!r}),
)"""
TARGETS = {  # by whether it is a regression
    False: "target = LabelEncoder()\ny = target.fit_transform(y_train)",
    True: """\
target = StandardScaler()  # a prediction in the units of y_train: target.inverse_transform
y = target.fit_transform(np.reshape(y_train, (-1, 1))).ravel()""",
}
TITLES: dict[str, tuple[str, str]] = {
    "trees": ("Boosted trees, which did better (scikit-learn)", "更好的梯度提升树（scikit-learn）"),
    "linear": ("The linear model, which does as well (scikit-learn)", "不比网络差的线性模型（scikit-learn）"),
    "inputs": ("First prepare the columns as they were here", "先按这里的方式准备各列"),
    "pytorch": ("PyTorch", "PyTorch"),
    "keras": ("Keras", "Keras"),
    "sklearn": ("scikit-learn", "scikit-learn"),
    "unbend": ("scikit-learn, by unbend's estimator", "scikit-learn 接口（unbend 的估计器）"),
}


@dataclass(frozen=True)
class Step:
    """A thing to do: its ``title`` and the ``code`` that does it.

    ``name``: trees, linear, inputs, pytorch, keras, sklearn, or unbend.
    """

    name: str
    title: str
    code: str


@dataclass(frozen=True)
class Chosen:
    """What the code needs: the best ``arm``, ``learning_rate`` and ``epochs`` (medians of the splits), the task."""

    arm: Arm
    widths: tuple[int, ...]
    learning_rate: float
    epochs: int
    batch_size: int
    optimizer: str
    task: str

    @property
    def gains(self) -> tuple[float, ...]:
        """What the initial weights of every layer are multiplied by, as in `unbend.network.initialise`."""
        layers, hidden = len(self.widths) - 1, len(self.arm.hidden)
        if self.arm.gain is None:
            return (1.0,) * layers
        if self.arm.gain == "exact":
            return (1.0, *(exact_gain(activation(self.arm.activation)) for _ in range(hidden)))
        return tuple(float(self.arm.gain) if layer < hidden else 1.0 for layer in range(layers))


def next_steps(choice: Choice, lang: str) -> tuple[Step, ...]:
    """Code that trains what the study came to on ``X_train``, ``y_train``, ready to be run in its order.

    First the preparation of the columns, then the trees or the linear model where those do as well, then the best
    network in PyTorch, Keras and scikit-learn; nothing where every network diverged.
    Raises `UnbendError` for an unknown language.
    """
    from unbend.choosing.telling import Say, linear_suffices, trees_win

    place = ("en", "zh").index(Say(lang).lang)
    if choice.verdict.nothing_trained:
        return ()
    chosen, regression = chosen_by(choice), choice.study.plan.table.task == "regression"
    found = {"inputs": _inputs(choice, regression)}
    if trees_win(choice):
        found["trees"] = _trees(regression)
    if linear_suffices(choice):
        found["linear"] = _linear(regression)
    found |= {"pytorch": _torch(chosen), "keras": _keras(chosen)}
    known = chosen.arm.activation in SKLEARN
    found["sklearn" if known else "unbend"] = _sklearn(chosen) if known else _unbend(chosen)
    return tuple(Step(key, TITLES[key][place], code) for key, code in found.items())


def chosen_by(choice: Choice) -> Chosen:
    """The settings of the best arm: of its splits' learning rates and epochs, the median."""
    plan = choice.study.plan
    number = [arm.name for arm in plan.arms].index(choice.verdict.best)
    shards = choice.study.shards[number]
    epochs = [epoch for shard in shards for epoch, own in zip(shard["epoch"], shard["chosen"], strict=True) if own]
    inputs = len(plan.table.number_names) + sum(len(levels) for levels in plan.table.categories)
    return Chosen(
        arm=plan.arms[number],
        widths=(inputs, *plan.arms[number].hidden, plan.table.outputs),
        learning_rate=_middle(choice.diagnoses[number].chosen_rates),
        epochs=round(_middle(epochs)),
        batch_size=plan.protocol.batch_size,
        optimizer=plan.protocol.optimizer,
        task=plan.table.task,
    )


def _middle(values: Any) -> float:
    """The median, the lower one of two: a value that was really chosen; at four significant digits."""
    return float(f"{float(np.quantile(values, 0.5, method='lower')):.4g}")


def _trees(regression: bool) -> str:
    name = "HistGradientBoostingRegressor" if regression else "HistGradientBoostingClassifier"
    return f"from sklearn.ensemble import {name}\n\nmodel = {name}().fit(X, y)"


def _linear(regression: bool) -> str:
    if regression:
        return (
            "import numpy as np\nfrom sklearn.linear_model import RidgeCV\n\n"
            "model = RidgeCV(np.logspace(-3, 3, 13)).fit(X, y)"
        )
    return "from sklearn.linear_model import LogisticRegression\n\nmodel = LogisticRegression(max_iter=1000).fit(X, y)"


def _inputs(choice: Choice, regression: bool) -> str:
    """Robust scaling with smooth clipping; medians for what is missing, 0/1 columns for categories."""
    table = choice.study.plan.table
    missing, levels = bool(np.isnan(table.numbers).any()), bool(table.level_names)
    tools = ["FunctionTransformer", "RobustScaler", "StandardScaler" if regression else "LabelEncoder"]
    imports = [
        "import numpy as np",
        *(["from sklearn.compose import make_column_transformer"] if levels else []),
        *(["from sklearn.impute import SimpleImputer"] if missing else []),
        "from sklearn.pipeline import make_pipeline",
        f"from sklearn.preprocessing import {', '.join(sorted([*tools, *(['OneHotEncoder'] if levels else [])]))}",
    ]
    steps = [
        *(['SimpleImputer(strategy="median")'] if missing else []),
        "RobustScaler()",
        "FunctionTransformer(lambda u: u / np.sqrt(1 + (u / 3) ** 2))",
    ]
    numbers = f"make_pipeline(\n{indent(''.join(f'{step},{chr(10)}' for step in steps), '    ')})"
    by_kind = BY_KIND.format(
        categories=[list(names) for names in table.categories], numbers=list(table.number_names),
        levels=list(table.level_names),
    )  # fmt: skip
    prepare = f"numbers = {numbers}\n{by_kind}" if levels else f"prepare = {numbers}"
    return "\n".join([*imports, "", prepare, "X = prepare.fit_transform(X_train)", TARGETS[regression]])


def _torch(chosen: Chosen) -> str:
    source = library_code(activation(chosen.arm.activation))["pytorch"] if chosen.arm.hidden else "import torch"
    layers: list[str] = []
    for index, (inputs, outputs) in enumerate(zip(chosen.widths, chosen.widths[1:], strict=False)):
        hidden = index < len(chosen.arm.hidden)
        layers += [
            f"torch.nn.Linear({inputs}, {outputs}),",
            *(["Activation()," if "def f(" in source else "f,"] * hidden),
        ]
    module = "\n\n\nclass Activation(torch.nn.Module):\n    def forward(self, x):\n        return f(x)\n"
    loss = {"binary": "BCEWithLogitsLoss", "multiclass": "CrossEntropyLoss", "regression": "MSELoss"}[chosen.task]
    kind = "int64" if chosen.task == "multiclass" else "float32"
    shaped = "" if chosen.task == "multiclass" else ".reshape(-1, 1)"
    return f"""{source}{module if "def f(" in source else ""}

model = torch.nn.Sequential(
{indent(chr(10).join(layers), "    ")}
)
{_torch_start(chosen)}
optimizer = {TORCH_OPTIMISERS[chosen.optimizer].format(rate=chosen.learning_rate)}
loss = torch.nn.{loss}()
rows = torch.utils.data.TensorDataset(
    torch.as_tensor(X, dtype=torch.float32), torch.as_tensor(y, dtype=torch.{kind}){shaped}
)
batches = torch.utils.data.DataLoader(rows, batch_size={chosen.batch_size}, shuffle=True)
for epoch in range({chosen.epochs}):
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss(model(inputs), targets).backward()
        optimizer.step()"""


def _torch_start(chosen: Chosen) -> str:
    scaled = any(gain != 1 for gain in chosen.gains)
    gains = ", ".join(f"{gain:.10g}" for gain in chosen.gains)
    lines = [
        "layers = [layer for layer in model if isinstance(layer, torch.nn.Linear)]",
        f"for layer, gain in zip(layers, [{gains}]):" if scaled else "for layer in layers:",
        f"    {TORCH_STARTS[chosen.arm.initializer]}",
        "    torch.nn.init.zeros_(layer.bias)",
        *(["    layer.weight.data *= gain"] if scaled else []),
    ]
    return "\n".join(lines)


def _keras(chosen: Chosen) -> str:
    source = library_code(activation(chosen.arm.activation))["keras"] if chosen.arm.hidden else ""
    imports = source if "import keras" in source else f"import keras\n{source}".strip()
    layers = [
        f"keras.layers.Dense({width}, {'activation=f, ' * (index < len(chosen.arm.hidden))}"
        f"kernel_initializer=start({gain:.10g})),"
        for index, (width, gain) in enumerate(zip(chosen.widths[1:], chosen.gains, strict=True))
    ]
    loss, metric = {
        "binary": ("BinaryCrossentropy(from_logits=True)", "[keras.metrics.BinaryAccuracy(threshold=0.0)]"),
        "multiclass": ("SparseCategoricalCrossentropy(from_logits=True)", '["accuracy"]'),
        "regression": ("MeanSquaredError()", "[keras.metrics.R2Score()]"),
    }[chosen.task]
    shaped = "y" if chosen.task == "multiclass" else "y.reshape(-1, 1)"
    return f"""{imports}


def start(gain):
    return keras.initializers.{KERAS_STARTS[chosen.arm.initializer]}


model = keras.Sequential([
    keras.Input(({chosen.widths[0]},)),
{indent(chr(10).join(layers), "    ")}
])
model.compile(
    optimizer={KERAS_OPTIMISERS[chosen.optimizer].format(rate=chosen.learning_rate)},
    loss=keras.losses.{loss},
    metrics={metric},
)
model.fit(X, {shaped}, batch_size={chosen.batch_size}, epochs={chosen.epochs})"""


def _sklearn(chosen: Chosen) -> str:
    """Nearest settings: no other start than Glorot's, no optimiser but Adam and SGD."""
    name = "MLPRegressor" if chosen.task == "regression" else "MLPClassifier"
    sgd = 'solver="sgd", momentum=0.0' if chosen.optimizer == "sgd" else 'solver="adam"'
    return f"""from sklearn.neural_network import {name}

# starts with Glorot's initialisation, the only one that scikit-learn has; it warns when the epochs are used up
model = {name}(
    hidden_layer_sizes={chosen.arm.hidden!r}, activation="{SKLEARN[chosen.arm.activation]}", {sgd},
    learning_rate_init={chosen.learning_rate}, batch_size={chosen.batch_size}, max_iter={chosen.epochs},
    n_iter_no_change={chosen.epochs}, alpha=0.0,
).fit(X, y)"""


def _unbend(chosen: Chosen) -> str:
    name = "ActivationRegressor" if chosen.task == "regression" else "ActivationClassifier"
    return f"""import unbend as ub

# scikit-learn's own network does not know this activation; this one does, and prepares the columns itself
model = ub.{name}(
    {chosen.arm.activation!r}, {chosen.arm.hidden!r}, learning_rate_init={chosen.learning_rate},
    batch_size={chosen.batch_size}, solver={chosen.optimizer!r}, max_iter={chosen.epochs},
).fit(X_train, y_train)"""
