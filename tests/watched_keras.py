"""Small Keras models of every kind, and how they are trained, for the tests of watching."""

import keras
import numpy as np
from keras import layers, ops

from unbend.watching.keras.backends import to_numpy


@keras.saving.register_keras_serializable()
class Residual(keras.Model):
    """Blocks around each other, with activations called as functions, as layers and by an argument."""

    def __init__(self, **given):
        super().__init__(**given)
        self.first, self.second, self.norm = layers.Dense(8), layers.Dense(8, "silu"), layers.BatchNormalization()
        self.dropout, self.head = layers.Dropout(0.3), layers.Dense(2)

    def call(self, x, training=None):
        h = ops.relu(self.norm(self.first(x), training=training))
        h = h + self.second(self.dropout(h, training=training))
        return self.head(keras.activations.leaky_relu(h, negative_slope=0.1))


def mlp():
    return keras.Sequential(
        [
            layers.Input((6,)), layers.Dense(16), layers.BatchNormalization(), layers.ReLU(), layers.Dropout(0.3),
            layers.Dense(16, activation="tanh", activity_regularizer="l2"), layers.GaussianNoise(0.1), layers.Dense(8),
            layers.PReLU(), layers.Dense(2),
        ]
    )  # fmt: skip


def cnn():
    x = layers.Input((8, 8, 1))
    h = layers.Conv2D(4, 3, activation="silu")(x)
    h = layers.MaxPooling2D()(layers.BatchNormalization()(h))
    h = layers.Activation("relu")(layers.Conv2D(8, 2)(h))
    return keras.Model(x, layers.Dense(2)(layers.Flatten()(layers.SpatialDropout2D(0.2)(h))))


def gru():
    return keras.Sequential([layers.Input((2, 3)), layers.GRU(6, dropout=0.2, recurrent_dropout=0.2), layers.Dense(2)])


def transformer():
    x = layers.Input((5,), dtype="int32")
    h = layers.Embedding(11, 8)(x)
    h = layers.LayerNormalization()(h + layers.MultiHeadAttention(2, 4, dropout=0.1)(h, h))
    h = layers.LayerNormalization()(h + layers.Dense(8)(layers.Dense(16, activation="gelu")(h)))
    return keras.Model(x, layers.Dense(2)(layers.GlobalAveragePooling1D()(h)))


def numbers(*shape):
    return np.random.default_rng(1).normal(size=shape).astype("float32")


def tokens(rows):
    return np.random.default_rng(1).integers(0, 11, (rows, 5)).astype("int32")


# TensorFlow makes the weights of a model without an input shape inside its first step, where nobody can look.
FIRST = 1 if keras.backend.backend() == "tensorflow" else 0

MODELS = {
    "mlp": (mlp, lambda rows: numbers(rows, 6)),
    "residual": (Residual, lambda rows: numbers(rows, 6)),
    "cnn": (cnn, lambda rows: numbers(rows, 8, 8, 1)),
    "gru": (gru, lambda rows: numbers(rows, 2, 3)),
    "transformer": (transformer, tokens),
}


def some(table, *names):
    """All of a table, on jax these alone: it compiles every model anew, and what it runs is the same code."""
    return names if keras.backend.backend() == "jax" else list(table)


def made(name, rate=0.05, **how):
    """A compiled model, 64 inputs and random labels."""
    keras.backend.clear_session(free_memory=False)
    keras.utils.set_random_seed(0)
    make, inputs = MODELS[name]
    model = make()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"], **how)
    return model, inputs(64), np.random.default_rng(2).integers(0, 2, 64)


def state(model):
    """All numbers of a model: weights, batch statistics, seed generators, optimizer and metrics."""
    variables = [*model.variables, *model.optimizer.variables, *model.metrics_variables]
    return [np.array(to_numpy(one.value)) for one in variables]


def structure(model):
    """Everything of the layers that is no number: what they hold, by identity."""
    passing = ("train_function", "test_function", "predict_function", "_losses", "_loss_ids", "history")
    held = (vars(layer) for layer in model._flatten_layers())
    return [{key: id(value) for key, value in own.items() if key not in passing} for own in held]
