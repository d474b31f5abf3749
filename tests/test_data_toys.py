import subprocess
import sys

import numpy as np
import pytest
import sklearn.datasets
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression, LogisticRegression

from unbend import data
from unbend.errors import UnbendError

TOYS = data.toy_names()
REGRESSIONS = ("sine", "step", "bumps", "plane", "absolute", "tariff")
REAL = ("iris", "wine", "breast_cancer", "digits", "diabetes")


@pytest.mark.parametrize("name", TOYS)
@given(n=st.integers(20, 300), noise=st.floats(0.0, 0.5), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=8, deadline=None)
def test_every_toy_keeps_its_promises(name, n, noise, seed):
    made, again = data.load(name, n=n, noise=noise, seed=seed), data.load(name, n=n, noise=noise, seed=seed)
    assert made.name == name and made.origin
    assert made.x.shape == (n, len(made.feature_names)) and made.y.shape == (n,)
    assert made.x.dtype == made.y.dtype == np.float64
    assert np.isfinite(made.x).all() and np.isfinite(made.y).all()
    assert np.array_equal(made.x, again.x) and np.array_equal(made.y, again.y)
    if name in REGRESSIONS:
        assert made.task == "regression" and made.class_names == ()
    else:
        assert made.task == ("multiclass" if name == "blobs" else "binary")
        assert set(np.unique(made.y)) <= set(range(len(made.class_names)))


@pytest.mark.parametrize("name", TOYS)
def test_defaults_are_scaled_near_one_and_hold_both_classes_evenly(name):
    made = data.load(name)
    assert 0.9 <= np.abs(made.x).max() <= 2.0
    if made.task != "regression":
        shares = np.bincount(made.y.astype(int)) / len(made)
        assert shares == pytest.approx(1 / len(made.class_names), abs=0.03)


@pytest.mark.parametrize("name", TOYS)
def test_noise_moves_points_or_targets_by_its_deviation(name):
    clean, noisy = data.load(name, n=4000, noise=0.0, seed=3), data.load(name, n=4000, noise=0.2, seed=3)
    shift = noisy.y - clean.y if clean.task == "regression" else noisy.x - clean.x
    assert shift.std() == pytest.approx(0.2, rel=0.05)
    assert abs(shift.mean()) < 0.02
    other = data.load(name, n=4000, noise=0.2, seed=4)
    assert not np.array_equal(other.x, noisy.x) or not np.array_equal(other.y, noisy.y)


def test_curves_are_the_two_parabolas_with_class_0_above():
    made = data.curves()
    first, second = made.x.T
    assert np.allclose(second, first**2 - 0.5 * made.y)
    for k in (0, 1):
        assert np.allclose(first[made.y == k], np.linspace(-1, 1, 1000))


def test_xor_is_the_truth_table_and_its_cloud_keeps_the_labels_of_the_corners():
    assert data.xor().x.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert data.xor().y.tolist() == [0, 1, 1, 0]
    cloud = data.xor(n=400, noise=0.2)
    corners = np.rint(np.clip(cloud.x, 0, 1)).astype(int)
    assert np.mean((corners[:, 0] ^ corners[:, 1]) == cloud.y) > 0.95


@pytest.mark.parametrize("name", [toy for toy in TOYS if toy not in REGRESSIONS])
def test_a_straight_line_separates_exactly_the_toys_that_say_so(name):
    made = data.load(name, noise=0.0)
    accuracy = LogisticRegression(C=1e4, max_iter=2000).fit(made.x, made.y).score(made.x, made.y)
    assert (accuracy == 1.0) == (name in ("gaussians", "blobs", "line"))


def test_only_the_plane_is_linear_among_the_regressions():
    for name in REGRESSIONS:
        made = data.load(name, noise=0.0)
        r2 = LinearRegression().fit(made.x, made.y).score(made.x, made.y)
        assert (r2 > 0.999) == (name == "plane")


@given(margin=st.floats(0.0, 1.0), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_the_margin_of_line_is_kept_empty(margin, seed):
    made = data.line(n=200, margin=margin, seed=seed)
    distance = made.x.sum(axis=1) / np.sqrt(2)
    assert np.abs(distance).min() >= margin / 2
    assert np.array_equal(distance > 0, made.y == 1)


def test_arrays_are_read_only_and_lengths_are_those_of_n():
    made = data.moons(n=301)
    assert len(made) == 301 and np.bincount(made.y.astype(int)).tolist() == [151, 150]
    with pytest.raises(ValueError, match="read-only"):
        made.x[0] = 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": 3}, "n=3 is not possible; choose an integer from 4 to 10000000"),
        ({"n": 10.5}, r"n=10\.5 is not possible; choose an integer"),
        ({"n": True}, "n=True is not possible"),
        ({"n": "many"}, "n='many' is not possible"),
        ({"noise": -0.1}, r"noise=-0\.1 is not possible; choose a number from 0 to 10"),
        ({"noise": float("nan")}, "noise=nan is not possible"),
        ({"noise": float("inf")}, "noise=inf is not possible"),
        ({"noise": None}, "noise=None is not possible"),
        ({"seed": -1}, "seed=-1 is not possible; choose an integer from 0 to 4294967295"),
        ({"seed": 2**32}, "seed=4294967296 is not possible"),
        ({"seed": 1.0}, r"seed=1\.0 is not possible"),
    ],
)
@pytest.mark.parametrize("name", TOYS)
def test_impossible_options_are_refused(name, options, message):
    with pytest.raises(UnbendError, match=f"^{name}: {message}"):
        data.load(name, **options)


def test_options_of_single_toys_are_checked():
    with pytest.raises(UnbendError, match=r"line: margin=1\.5 is not possible; choose a number from 0 to 1"):
        data.line(margin=1.5)
    with pytest.raises(UnbendError, match="blobs: classes=2 is not possible; choose an integer from 3 to 20"):
        data.blobs(classes=2)
    with pytest.raises(UnbendError, match="blobs: n=9 is not possible; choose an integer from 10 to 10000000"):
        data.blobs(n=9, classes=10)
    assert data.blobs(n=100, classes=5).output_width == 5


def test_numpy_numbers_are_accepted():
    made = data.circles(n=np.int64(50), noise=np.float32(0.1), seed=np.uint32(3))
    assert len(made) == 50


@pytest.mark.parametrize("name", REAL)
def test_packaged_tables_are_standardised_and_can_be_undone(name):
    made, original = data.load(name), getattr(sklearn.datasets, f"load_{name}")()
    varying = original.data.std(axis=0) > 0
    assert made.x[:, varying].mean(axis=0) == pytest.approx(0, abs=1e-9)
    assert made.x[:, varying].std(axis=0) == pytest.approx(1)
    assert np.allclose(made.x * made.x_scale + made.x_mean, original.data)
    assert np.allclose(made.y * made.y_scale + made.y_mean, original.target)
    assert made.feature_names == tuple(original.feature_names)
    assert (made.task == "regression") == (name == "diabetes")


def test_unknown_names_and_options_get_a_suggestion():
    assert data.names() == (*TOYS, *REAL)
    with pytest.raises(UnbendError, match="there is no data set 'brest_cancer'; did you mean 'breast_cancer'"):
        data.load("brest_cancer")
    with pytest.raises(UnbendError, match="there is no data set 'qqq'; known are curves, xor, circles"):
        data.load("qqq")
    with pytest.raises(UnbendError, match="moons has no option 'nois'; did you mean 'noise'"):
        data.load("moons", nois=0.1)
    with pytest.raises(UnbendError, match="iris has no option 'n'; it takes none"):
        data.load("iris", n=10)


def test_importing_the_room_imports_only_numpy():
    code = (
        "import sys, unbend.data; "
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'sklearn', 'scipy', 'pyarrow', 'pandas', 'polars'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_sine_has_as_many_waves_as_asked_and_tariff_bends_at_its_kinks():
    x = data.sine(n=201, noise=0.0, waves=3).x[:, 0]
    assert np.allclose(data.sine(n=201, noise=0.0, waves=3).y, np.sin(3 * np.pi * x))
    bent = np.abs(np.diff(data.tariff(n=201, noise=0.0).y, 2)) > 1e-9
    assert np.allclose(x[1:-1][bent], [-0.4, 0.3])
    with pytest.raises(UnbendError, match="sine: waves=0 is not possible; choose an integer from 1 to 20"):
        data.sine(waves=0)
