import numpy as np
import pytest

import unbend as ub
from unbend.errors import UnbendError
from unbend.geometry import lifted


@pytest.mark.parametrize("width", [3, 6])
def test_heights_are_the_distances_from_the_cut(width: int) -> None:
    run = ub.train(ub.data.ring(n=200), hidden=(width,), epochs=5)
    found = lifted(run)
    weight, _ = run.weights()[-1]
    scores = run.forward()[-1].pre_activation[:, 0]
    np.testing.assert_allclose(found.points[:, 2], scores / np.linalg.norm(weight), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found.axes @ found.axes.T, np.eye(3), atol=1e-9)
    np.testing.assert_allclose(found.coordinates(run.forward()[0].activation), found.points, atol=1e-5)
    if width == 3:
        assert found.share == pytest.approx(1.0)
        behind = run.forward()[0].activation.astype(np.float64)
        lengths = np.linalg.norm(behind[1:] - behind[0], axis=1)
        np.testing.assert_allclose(np.linalg.norm(found.points[1:] - found.points[0], axis=1), lengths, atol=1e-6)
    else:
        assert 0.0 < found.share <= 1.0


def test_other_networks_are_refused() -> None:
    with pytest.raises(UnbendError, match="at least 3 units in the last hidden layer, not 2-2-1"):
        lifted(ub.train(ub.data.ring(n=50), epochs=1))
