"""One engine on one case, in a process of its own: ``python engines.py ENGINE CASE`` prints a line of JSON.

Every engine trains from the same start on the same batches; ``loss`` is the mean loss of the population after
`CHECKED_EPOCHS` epochs (of the first network for the loops that train one network at a time).
"""

import json
import os
import sys
import time

import numpy as np

from cases import CASES, CHECKED_EPOCHS, ROWS, batches, data, network, recipe, starts

SECONDS = 0.8
ROUNDS = 5
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


def best_rate(run, networks):
    """Network-steps per second of ``run(epochs) -> steps``, the best of some rounds after a warm-up."""
    epochs = 1
    while True:
        started = time.perf_counter()
        steps = run(epochs)
        seconds = time.perf_counter() - started
        if seconds > SECONDS / 4 or epochs >= 4096:
            break
        epochs = int(epochs * min(8, max(2, SECONDS / 2 / max(seconds, 1e-6))))
    rates = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        steps = run(epochs)
        rates.append(networks * steps / (time.perf_counter() - started))
    return float(np.median(rates))


# ---------------------------------------------------------------------- unbend
def unbend(case):
    from unbend.training import train_population

    x, y = data(case)
    start, rates = starts(case)
    seeds = np.arange(case.networks)

    def train(epochs):
        return train_population(x, y, network(case), recipe(case, epochs), seeds, rates, weights=start)

    loss = float(train(CHECKED_EPOCHS).loss[-1].mean())
    return best_rate(lambda epochs: train(epochs) and epochs * case.steps_per_epoch, case.networks), loss


# ---------------------------------------------------------------------- JAX
def jax_engine(case, samples_last, devices, block):
    os.environ["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={devices}"
    import jax
    import jax.numpy as jnp

    x, y = data(case)
    x, y = jnp.asarray(x, jnp.float32), jnp.asarray(y, jnp.float32)
    x = x.T if samples_last else x
    binary = case.widths[-1] == 1

    def loss_of(parameters, x, y):
        hidden = x
        for depth, (weight, bias) in enumerate(parameters):
            hidden = weight.T @ hidden + bias[:, None] if samples_last else hidden @ weight + bias
            hidden = jnp.tanh(hidden) if depth < len(parameters) - 1 else hidden
        scores = hidden.T if samples_last else hidden
        if binary:
            return (jax.nn.softplus(scores[:, 0]) - y * scores[:, 0]).mean()
        picked = jnp.take_along_axis(scores, y.astype(int)[:, None], axis=1)[:, 0]
        return (jax.nn.logsumexp(scores, axis=1) - picked).mean()

    gradient = jax.grad(loss_of)

    def train_one(parameters, rate, rows):
        zeros = jax.tree.map(jnp.zeros_like, parameters)

        def step(carry, chosen):
            parameters, mean, square, t = carry
            if case.batch is None:
                g = gradient(parameters, x, y)
            else:
                g = gradient(parameters, x[:, chosen] if samples_last else x[chosen], y[chosen])
            t = t + 1
            mean = jax.tree.map(lambda m, d: BETA1 * m + (1 - BETA1) * d, mean, g)
            square = jax.tree.map(lambda s, d: BETA2 * s + (1 - BETA2) * d * d, square, g)
            first, second = 1 - BETA1**t, 1 - BETA2**t
            parameters = jax.tree.map(
                lambda w, m, s: w - rate * (m / first) / (jnp.sqrt(s / second) + EPSILON), parameters, mean, square
            )
            return (parameters, mean, square, t), None

        return jax.lax.scan(step, (parameters, zeros, zeros, jnp.float32(0)), rows)[0][0]

    many = jax.vmap(train_one, (0, 0, None))
    share = case.networks // devices
    block = min(block or share, share)

    def train_share(parameters, rates, rows):
        cut = jax.tree.map(lambda a: a.reshape(share // block, block, *a.shape[1:]), (parameters, rates))
        trained = jax.lax.map(lambda part: many(*part, rows), cut)
        return jax.tree.map(lambda a: a.reshape(share, *a.shape[2:]), trained)

    start, rates = starts(case)
    weights = network(case).unflatten(start.astype(np.float32))
    split = (lambda a: a) if devices == 1 else (lambda a: a.reshape(devices, share, *a.shape[1:]))
    parameters, rates = jax.tree.map(lambda a: jnp.asarray(split(a)), (list(weights), rates.astype(np.float32)))
    run = jax.jit(train_share) if devices == 1 else jax.pmap(train_share, in_axes=(0, 0, None))

    def train(epochs):
        return jax.block_until_ready(run(parameters, rates, rows_of[epochs]))

    rows_of = _Cached(lambda epochs: jnp.asarray(_rows(case, epochs)))
    trained = jax.tree.map(lambda a: a.reshape(-1, *a.shape[2:]) if devices > 1 else a, train(CHECKED_EPOCHS))
    loss = float(jax.vmap(loss_of, (0, None, None))(trained, x, y).mean())
    compiled = set()

    def timed(epochs):
        if epochs not in compiled:  # a new length is compiled before it is timed
            compiled.add(epochs)
            train(epochs)
        train(epochs)
        return epochs * case.steps_per_epoch

    return best_rate(timed, case.networks), loss


def _rows(case, epochs):
    return batches(case, epochs).astype(np.int32) if case.batch else np.zeros((epochs, 1), np.int32)


class _Cached(dict):
    def __init__(self, make):
        super().__init__()
        self.make = make

    def __missing__(self, key):
        self[key] = self.make(key)
        return self[key]


# ---------------------------------------------------------------------- PyTorch
def torch_loop(case):
    import torch

    torch.set_num_threads(1)
    x, y = (torch.tensor(a, dtype=torch.float32) for a in data(case))
    start, rates = starts(case)
    weights = network(case).unflatten(start[0])
    lossfn = torch.nn.BCEWithLogitsLoss() if case.widths[-1] == 1 else torch.nn.CrossEntropyLoss()
    target = y[:, None] if case.widths[-1] == 1 else y.long()

    def train(epochs):
        layers = []
        for weight, bias in weights:
            linear = torch.nn.Linear(*weight.shape)
            with torch.no_grad():
                linear.weight.copy_(torch.tensor(weight.T))
                linear.bias.copy_(torch.tensor(bias))
            layers += [linear, torch.nn.Tanh()]
        model = torch.nn.Sequential(*layers[:-1])
        optimizer = torch.optim.Adam(model.parameters(), lr=float(rates[0]))
        for rows in batches(case, epochs) if case.batch else [slice(None)] * epochs:
            optimizer.zero_grad()
            lossfn(model(x[rows]), target[rows]).backward()
            optimizer.step()
        return model

    loss = float(lossfn(train(CHECKED_EPOCHS)(x), target).detach())
    return best_rate(lambda epochs: train(epochs) and epochs * case.steps_per_epoch, 1), loss


def torch_vmap(case):
    import torch
    from torch.func import grad, vmap

    torch.set_num_threads(2)
    x, y = (torch.tensor(a, dtype=torch.float32) for a in data(case))
    start, rates = starts(case)
    binary = case.widths[-1] == 1

    def loss_of(parameters, x, y):
        hidden = x
        for depth, (weight, bias) in enumerate(parameters):
            hidden = hidden @ weight + bias
            hidden = torch.tanh(hidden) if depth < len(parameters) - 1 else hidden
        if binary:
            return torch.nn.functional.binary_cross_entropy_with_logits(hidden[:, 0], y)
        return torch.nn.functional.cross_entropy(hidden, y.long())

    gradient = vmap(grad(loss_of), (0, None, None))

    def train(epochs):
        weights = network(case).unflatten(start.astype(np.float32))
        parameters = [tuple(torch.tensor(np.ascontiguousarray(a)) for a in layer) for layer in weights]
        flat = [a for layer in parameters for a in layer]
        mean, square = ([torch.zeros_like(a) for a in flat] for _ in range(2))
        rate = [torch.tensor(rates, dtype=torch.float32).reshape(-1, *[1] * (a.ndim - 1)) for a in flat]
        for t, rows in enumerate(batches(case, epochs) if case.batch else [slice(None)] * epochs, start=1):
            g = [a for layer in gradient(parameters, x[rows], y[rows]) for a in layer]
            for w, m, s, d, r in zip(flat, mean, square, g, rate, strict=True):
                m.mul_(BETA1).add_(d, alpha=1 - BETA1)
                s.mul_(BETA2).addcmul_(d, d, value=1 - BETA2)
                w.sub_(r * (m / (1 - BETA1**t)) / ((s / (1 - BETA2**t)).sqrt_() + EPSILON))
        return parameters

    loss = float(vmap(loss_of, (0, None, None))(train(CHECKED_EPOCHS), x, y).mean())
    return best_rate(lambda epochs: train(epochs) and epochs * case.steps_per_epoch, case.networks), loss


# ---------------------------------------------------------------------- scikit-learn
def sklearn_loop(case):
    from sklearn.metrics import log_loss
    from sklearn.neural_network import MLPClassifier

    x, y = data(case)
    x = x.astype(np.float32)
    start, rates = starts(case)
    weights = network(case).unflatten(start[0].astype(np.float32))
    classes = np.unique(y)

    def train(epochs):
        model = MLPClassifier(
            case.widths[1:-1], activation="tanh", alpha=0, batch_size=case.batch or ROWS, shuffle=False,
            learning_rate_init=float(rates[0]),
        )  # fmt: skip
        model.partial_fit(x, y, classes=classes)  # makes the model; the start is then set as for the others
        model.coefs_ = [weight.copy() for weight, _ in weights]
        model.intercepts_ = [bias.copy() for _, bias in weights]
        del model._optimizer
        for order in batches(case, epochs).reshape(epochs, ROWS):
            model.partial_fit(x[order], y[order])
        return model

    loss = log_loss(y, train(CHECKED_EPOCHS).predict_proba(x))
    return best_rate(lambda epochs: train(epochs) and epochs * case.steps_per_epoch, 1), float(loss)


ENGINES = {
    "unbend": unbend,
    "jax vmap": lambda case: jax_engine(case, False, 1, None),
    "jax vmap, 2 devices": lambda case: jax_engine(case, False, 2, None),
    "jax samples last": lambda case: jax_engine(case, True, 1, None),
    "jax samples last, 2 devices": lambda case: jax_engine(case, True, 2, None),
    "jax samples last, 2 devices, blocks": lambda case: jax_engine(case, True, 2, 16),
    "torch.func.vmap": torch_vmap,
    "torch loop": torch_loop,
    "scikit-learn loop": sklearn_loop,
}

if __name__ == "__main__":
    rate, loss = ENGINES[sys.argv[1]](CASES[int(sys.argv[2])])
    print(json.dumps({"rate": rate, "loss": loss}))
