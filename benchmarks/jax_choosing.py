"""The protocol of choosing by JAX: for each activation, the networks of several splits vectorised in one program."""

import time

import numpy as np

SPLITS = 10  # in one program
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


def measure(plan, samples_last, devices):
    """Seconds for the whole plan: what some splits of every activation take, and each activation's compilation once."""
    import jax

    functions = {
        "relu": jax.nn.relu, "leaky_relu": jax.nn.leaky_relu, "elu": jax.nn.elu, "selu": jax.nn.selu,
        "gelu": lambda x: jax.nn.gelu(x, approximate=False), "silu": jax.nn.silu, "tanh": jax.numpy.tanh,
        "sigmoid": jax.nn.sigmoid,
    }  # fmt: skip
    total = check = networks = 0
    for arm, one in enumerate(plan.arms):
        run, arguments = program(plan, arm, functions[one.name], samples_last, devices)
        started = time.perf_counter()
        losses = jax.block_until_ready(run(*arguments))
        first = time.perf_counter() - started
        started = time.perf_counter()
        losses = jax.block_until_ready(run(*arguments))
        again = time.perf_counter() - started
        shards = len(plan.shards) / len(plan.arms)
        total += again * shards / SPLITS + max(first - again, 0)
        networks += SPLITS * plan.protocol.seeds * len(plan.protocol.learning_rates)
        if one.name == "tanh":
            own = np.asarray(losses[0]).reshape(SPLITS, -1, losses[0].shape[-1])[0]
            check = float(own.mean())
    return {"seconds": total, "networks": networks, "check": check}


def program(plan, arm, function, samples_last, devices):
    """A compiled program for ``SPLITS`` splits of an arm, and its arguments."""
    import jax
    import jax.numpy as jnp

    from unbend.choosing.shard import first_seed, points_of
    from unbend.network import initialise
    from unbend.training.batches import epoch_orders

    rates = np.array(plan.protocol.learning_rates)
    stacked = {name: [] for name in ("x", "y", "vx", "vy", "tx", "ty", "orders", "starts", "rates")}
    network = plan.network(arm, 30)
    for split in range(SPLITS):
        base = first_seed(plan, split)
        recipe = plan.protocol.recipe("binary", base)
        for cut, points in enumerate(points_of(plan, split)):
            for name, part in zip(("x", "y", "vx", "vy", "tx", "ty"), (*points.fit, *points.validation, *points.test),
                                  strict=True):  # fmt: skip
                stacked[name].append(part.astype(np.float32))
            order = epoch_orders(recipe, range(1, recipe.epochs + 1), len(points.fit[0]))
            stacked["orders"].append(order)
            stacked["starts"].append(np.repeat(initialise(network, [base + cut]), len(rates), axis=0))
            stacked["rates"].append(rates)
    rows = min(len(x) for x in stacked["x"])  # splits differ by a row; one shape is one program
    for name in ("vx", "vy", "tx", "ty"):
        least = min(len(part) for part in stacked[name])
        stacked[name] = [part[:least] for part in stacked[name]]
    stacked["x"], stacked["y"] = [x[:rows] for x in stacked["x"]], [y[:rows] for y in stacked["y"]]
    stacked["orders"] = [order[order < rows].reshape(len(order), rows) for order in stacked["orders"]]
    arrays = {name: np.stack(parts) for name, parts in stacked.items()}

    def score(parameters, x):
        hidden = x.T if samples_last else x
        for depth, (weight, bias) in enumerate(parameters):
            hidden = weight.T @ hidden + bias[:, None] if samples_last else hidden @ weight + bias
            hidden = function(hidden) if depth < len(parameters) - 1 else hidden
        return hidden[0] if samples_last else hidden[:, 0]

    def loss_of(parameters, x, y):
        z = score(parameters, x)
        return (jax.nn.softplus(z) - y * z).mean()

    gradient = jax.grad(loss_of)
    kept = jnp.array(plan.protocol.checkpoints()[1:]) - 1

    def train_one(parameters, rate, x, y, vx, vy, tx, ty, orders):
        zeros = jax.tree.map(jnp.zeros_like, parameters)
        full = rows // 32 * 32

        def step(carry, chosen):
            parameters, mean, square, t = carry
            g = gradient(parameters, x[chosen], y[chosen])
            t = t + 1
            mean = jax.tree.map(lambda m, d: BETA1 * m + (1 - BETA1) * d, mean, g)
            square = jax.tree.map(lambda s, d: BETA2 * s + (1 - BETA2) * d * d, square, g)
            first, second = 1 - BETA1**t, 1 - BETA2**t
            moved = jax.tree.map(
                lambda w, m, s: w - rate * (m / first) / (jnp.sqrt(s / second) + EPSILON), parameters, mean, square
            )
            return (moved, mean, square, t), None

        def epoch(carry, order):
            carry = jax.lax.scan(step, carry, order[:full].reshape(-1, 32))[0]
            if full < rows:
                carry = step(carry, order[full:])[0]
            return carry, carry[0]

        _, along = jax.lax.scan(epoch, (parameters, zeros, zeros, jnp.float32(0)), orders)
        along = jax.tree.map(lambda start, a: jnp.concatenate([start[None], a[kept]]), parameters, along)
        losses = jax.vmap(lambda own: loss_of(own, vx, vy))(along)
        best = jax.tree.map(lambda a: a[1 + jnp.argmin(losses[1:])], along)
        return losses, ((score(best, tx) > 0) == (ty > 0.5)).mean()

    over_rates = jax.vmap(train_one, (0, 0, *[None] * 7))
    over_cuts = jax.vmap(over_rates, (0,) * 9)
    parameters = [tuple(a.astype(np.float32) for a in layer) for layer in network.unflatten(arrays["starts"])]
    arguments = [parameters, arrays["rates"].astype(np.float32)]
    arguments += [arrays[name] for name in ("x", "y", "vx", "vy", "tx", "ty")] + [arrays["orders"].astype(np.int32)]
    if devices == 1:
        return jax.jit(over_cuts), jax.tree.map(jnp.asarray, arguments)
    shared = jax.tree.map(lambda a: jnp.asarray(a.reshape(devices, -1, *a.shape[1:])), arguments)
    return jax.pmap(over_cuts), shared
