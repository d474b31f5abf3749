"""One network of the protocol of choosing by scikit-learn: the same start, batches, checkpoints and validation rows."""

import numpy as np
from threadpoolctl import threadpool_limits

ACTIVATIONS = {"relu": "relu", "tanh": "tanh", "sigmoid": "logistic"}


def networks_of(plan, split, activation, seed, rate):
    """The mean validation loss over the checkpoints of the network with this seed and learning rate."""
    from sklearn.metrics import log_loss
    from sklearn.neural_network import MLPClassifier

    from unbend.choosing.shard import first_seed, points_of
    from unbend.network import initialise
    from unbend.training.batches import epoch_orders

    points = points_of(plan, split)[seed]
    arm = [one.name for one in plan.arms].index(activation)
    base = first_seed(plan, split)
    network = plan.network(arm, points.fit[0].shape[1])
    recipe = plan.protocol.recipe("binary", base)
    x, y = points.fit[0].astype(np.float32), points.fit[1]
    model = MLPClassifier(
        plan.arms[arm].hidden, activation=ACTIVATIONS[activation], alpha=0, batch_size=32, shuffle=False,
        learning_rate_init=float(rate),
    )  # fmt: skip
    with threadpool_limits(1):
        model.partial_fit(x, y, classes=np.unique(y))  # makes the model; the start is then set as for the others
        weights = network.unflatten(initialise(network, [base + seed])[0].astype(np.float32))
        model.coefs_ = [weight.copy() for weight, _ in weights]
        model.intercepts_ = [bias.copy() for _, bias in weights]
        del model._optimizer
        losses = []
        for epoch in range(recipe.epochs + 1):
            if epoch:
                (order,) = epoch_orders(recipe, range(epoch, epoch + 1), len(x))
                model.partial_fit(x[order], y[order])
            if epoch in recipe.kept_epochs():
                losses.append(log_loss(points.validation[1], model.predict_proba(points.validation[0])))
        model.score(*points.test)
    return float(np.mean(losses))
