"""Five real tables that come inside scikit-learn's wheel, standardised; nothing is downloaded.

scikit-learn is imported when one of them is asked for, not before.
"""

from typing import Any

import numpy as np

from unbend.data.dataset import Dataset, Task
from unbend.data.standardize import standardize


def iris() -> Dataset:
    """Three kinds of iris by the length and width of sepals and petals (R. A. Fisher, 1936): 150 flowers.

    >>> data = iris()
    >>> data.x.shape, data.task, data.class_names
    ((150, 4), 'multiclass', ('setosa', 'versicolor', 'virginica'))
    """
    return _packaged("iris", "multiclass")


def wine() -> Dataset:
    """Three growers' wines from one region of Italy by 13 chemical measurements (M. Forina et al., 1988): 178 wines.

    >>> wine().x.shape
    (178, 13)
    """
    return _packaged("wine", "multiclass")


def breast_cancer() -> Dataset:
    """Malignant or benign by 30 measurements of cell nuclei (W. Street, W. Wolberg, O. Mangasarian, 1993): 569 samples.

    >>> data = breast_cancer()
    >>> data.x.shape, data.class_names
    ((569, 30), ('malignant', 'benign'))
    """
    return _packaged("breast_cancer", "binary")


def digits() -> Dataset:
    """Handwritten digits of 8 x 8 pixels (E. Alpaydin, C. Kaynak, 1998): 1797 images, three pixels always blank.

    >>> digits().x.shape
    (1797, 64)
    """
    return _packaged("digits", "multiclass")


def diabetes() -> Dataset:
    """Progression of diabetes after a year by 10 measurements (B. Efron et al., 2004): 442 patients, a regression.

    >>> data = diabetes()
    >>> data.x.shape, data.task, round(data.y_mean, 1)
    ((442, 10), 'regression', 152.1)
    """
    return _packaged("diabetes", "regression")


def _packaged(name: str, task: Task) -> Dataset:
    import sklearn.datasets

    bunch: Any = getattr(sklearn.datasets, f"load_{name}")()
    x, x_mean, x_scale = standardize(np.asarray(bunch.data, dtype=np.float64))
    y, y_mean, y_scale = np.asarray(bunch.target, dtype=np.float64), 0.0, 1.0
    if task == "regression":
        y, mean, scale = standardize(y)
        y_mean, y_scale = float(mean), float(scale)
    return Dataset(
        name=name,
        x=x,
        y=y,
        task=task,
        feature_names=tuple(str(feature) for feature in bunch.feature_names),
        target_name="progression" if name == "diabetes" else "class",
        class_names=() if task == "regression" else tuple(str(label) for label in bunch.target_names),
        origin=f"scikit-learn's {name} table",
        x_mean=x_mean,
        x_scale=x_scale,
        y_mean=y_mean,
        y_scale=y_scale,
    )
