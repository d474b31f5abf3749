"""The estimators keep scikit-learn's conventions, and say what the comparison came to."""

import inspect
import io
import pickle
import warnings

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import estimator_checks

import unbend as ub
from unbend.choosing import memory
from unbend.choosing.networks import ActivationClassifier, ActivationRegressor
from unbend.errors import DataError, UnbendError

SMALL = {"cv": 2, "n_seeds": 1, "max_iter": 20, "learning_rate_init": (0.003, 0.01, 0.03, 0.1)}


def classifier(activations=("relu", "tanh"), **changes):
    return ub.ActivationSearchClassifier(activations, (8,), **(SMALL | {"random_state": 0} | changes))


def regressor(activations=("relu", "tanh"), **changes):
    return ub.ActivationSearchRegressor(activations, (8,), **(SMALL | {"random_state": 0} | changes))


@pytest.fixture(scope="module")
def iris():
    return load_iris(return_X_y=True)


@pytest.fixture(scope="module")
def fitted(iris):
    return classifier(cv=(3, 2)).fit(*iris)


# ---------------------------------------------------------------------- scikit-learn's own checks
CHECKED = (
    ActivationClassifier(),
    ActivationRegressor(),
    ub.ActivationSearchClassifier(("relu", "tanh"), (8,), **SMALL),
    ub.ActivationSearchRegressor(("relu", "tanh"), (8,), **SMALL),
)
# Arrays of other libraries are not claimed to be supported, and the check asks for a variable set before SciPy loads.
UNCLAIMED = {"check_array_api_input"}


def named(check):
    return getattr(check, "func", check).__name__


def checks():
    for estimator in CHECKED:
        for _, check in estimator_checks.estimator_checks_generator(estimator):
            if named(check) not in UNCLAIMED:
                yield pytest.param(estimator, check, id=f"{type(estimator).__name__}-{named(check)}")


@pytest.mark.parametrize(("estimator", "check"), list(checks()))
def test_scikit_learn_finds_nothing_wrong(estimator, check):
    check(clone(estimator))


def test_the_checks_can_fail():
    class Careless(ActivationClassifier):
        def fit(self, X, y, groups=None):
            self.max_iter = 3
            return super().fit(X, y, groups)

    found = estimator_checks.check_estimator(Careless(), on_fail=None, on_skip=None)
    assert "check_dont_overwrite_parameters" in {one["check_name"] for one in found if one["status"] == "failed"}


def test_nothing_happens_before_fit():
    search = ub.ActivationSearchClassifier(activations="nonsense", cv="nonsense", random_state="nonsense")
    assert set(search.get_params()) == set(inspect.signature(ub.ActivationSearchClassifier).parameters)
    assert clone(search).set_params(cv=3).cv == 3
    with pytest.raises(NotFittedError, match="not fitted yet"):
        search.predict([[0.0]])


# ---------------------------------------------------------------------- what a fit says
def test_the_results_have_the_shape_of_a_grid_search(fitted, iris):
    theirs = GridSearchCV(DecisionTreeClassifier(), {"max_depth": [1, 2]}, cv=6).fit(*iris).cv_results_
    own = fitted.cv_results_
    assert {key for key in own if not key.startswith("param_")} == {
        key for key in theirs if not key.startswith("param_") and "time" not in key
    }
    for key in ("params", "mean_test_score", "std_test_score", "rank_test_score", "split5_test_score"):
        assert (type(own[key]), len(own[key])) == (type(theirs[key]), 2)
    assert own["rank_test_score"].dtype == theirs["rank_test_score"].dtype
    assert own["param_activation"].tolist() == ["relu", "tanh"]
    assert own["param_hidden_layer_sizes"].tolist() == [(8,), (8,)]
    by_split = np.array([own[f"split{number}_test_score"] for number in range(6)])
    assert np.allclose(own["mean_test_score"], by_split.mean(axis=0))
    assert np.allclose(own["std_test_score"], by_split.std(axis=0))
    assert len(pd.DataFrame(own)) == 2


def test_the_best_is_the_best_everywhere(fitted, iris):
    assert fitted.best_index_ == np.argmax(fitted.cv_results_["mean_test_score"])
    assert fitted.cv_results_["rank_test_score"][fitted.best_index_] == 1
    assert fitted.best_params_ == fitted.cv_results_["params"][fitted.best_index_]
    assert fitted.best_activation_ == fitted.best_params_["activation"] == fitted.best_estimator_.activation
    assert fitted.best_score_ == fitted.cv_results_["mean_test_score"].max()
    assert fitted.verdict_.best == fitted.best_activation_
    assert fitted.verdict_.word in ("winner", "equivalent", "not decided")
    assert fitted.comparisons_ == fitted.verdict_.comparisons
    assert fitted.choice_.study.complete
    assert fitted.score(*iris) > 0.93
    assert np.array_equal(fitted.predict(iris[0]), fitted.best_estimator_.predict(iris[0]))
    assert fitted.n_iter_ == fitted.best_estimator_.model_.epoch


def test_the_best_estimator_can_be_fitted_again(fitted, iris):
    again = clone(fitted.best_estimator_).fit(*iris)
    assert np.array_equal(again.predict_proba(iris[0]), fitted.predict_proba(iris[0]))


def test_xor_with_identity_loses():
    data = ub.data.xor(n=120, noise=0.1)
    search = classifier(("identity", "tanh"), cv=(5, 4), max_iter=60).fit(data.x, data.y)
    assert (search.best_activation_, search.verdict_.word) == ("tanh", "winner")
    assert search.verdict_.not_excluded == ("tanh",)


def test_two_classes_keep_their_labels_and_scores_follow_the_metric():
    X, y = load_breast_cancer(return_X_y=True)
    labels = np.array(["malignant", "benign"], dtype=object)[y]
    search = classifier(scoring="roc_auc").fit(X, labels)
    assert search.classes_.tolist() == ["benign", "malignant"]
    assert set(search.predict(X)) == {"benign", "malignant"}
    chances = search.predict_proba(X)[:, 1]
    assert search.score(X, labels) == pytest.approx(roc_auc_score(labels == "malignant", chances))
    assert min(search.score(X, labels), search.best_score_) > 0.98
    assert search.choice_.untouched > 0.97


def test_a_regression_answers_in_the_units_of_its_target():
    X, y = load_diabetes(return_X_y=True)
    search = regressor(cv=5).fit(X, y)
    assert search.verdict_.metric == "r2"
    assert 0.4 < search.best_score_ < 0.6
    assert 0.45 < search.score(X, y) < 0.75
    assert abs(search.predict(X).mean() - y.mean()) < 10


def test_architectures_starts_and_formulas_are_compared():
    data = ub.data.moons(n=100)
    activations = ["x*sigmoid(1.702*x)", lambda x: x * x]
    search = classifier(activations, init=["auto", "he_normal"]).set_params(hidden_layer_sizes=[(8,), (4, 4)])
    found = search.fit(data.x, data.y).cv_results_
    assert len(found["params"]) == 8
    assert set(found["param_init"]) == {"auto", "he_normal"}
    assert set(found["param_hidden_layer_sizes"]) == {(8,), (4, 4)}
    assert search.best_estimator_.get_params().items() >= search.best_params_.items()


# ---------------------------------------------------------------------- the same numbers
def test_jobs_and_caches_change_no_result(fitted, iris, tmp_path, monkeypatch):
    first = classifier(cv=(3, 2), n_jobs=2, cache_dir=tmp_path).fit(*iris)
    monkeypatch.setattr(memory, "run_shard", None)  # nothing is trained a second time
    again = classifier(cv=(3, 2), cache_dir=str(tmp_path)).fit(*iris)
    for search in (first, again):
        assert np.array_equal(search.choice_.study.scores.values, fitted.choice_.study.scores.values)
        assert np.array_equal(search.predict_proba(iris[0]), fitted.predict_proba(iris[0]))


def test_an_interrupted_fit_goes_on_in_its_cache(iris, tmp_path, monkeypatch):
    whole, done = memory.run_shard, []

    def interrupted(plan, arm, split):
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append((arm, split))
        return whole(plan, arm, split)

    monkeypatch.setattr(memory, "run_shard", interrupted)
    with pytest.raises(KeyboardInterrupt):  # carries no message
        classifier(cache_dir=tmp_path).fit(*iris)
    monkeypatch.setattr(memory, "run_shard", lambda *shard: done.append(shard[1:]) or whole(*shard))
    search = classifier(cache_dir=tmp_path).fit(*iris)
    assert len(done) == len(set(done)) == 4
    assert np.array_equal(search.predict_proba(iris[0]), classifier().fit(*iris).predict_proba(iris[0]))


def test_progress_is_told_only_when_asked_for(iris, capsys, monkeypatch):
    monkeypatch.setattr("unbend.progress.SILENT_SECONDS", 0.0)
    classifier().fit(*iris)
    assert capsys.readouterr().err == ""
    classifier(verbose=1).fit(*iris)
    assert "choosing: " in capsys.readouterr().err


def test_random_states_of_every_kind_are_taken(iris):
    one = classifier(random_state=np.random.RandomState(7)).fit(*iris)
    same = classifier(random_state=np.random.RandomState(7)).fit(*iris)
    other = classifier(random_state=8).fit(*iris)
    assert np.array_equal(one.predict_proba(iris[0]), same.predict_proba(iris[0]))
    assert not np.array_equal(one.predict_proba(iris[0]), other.predict_proba(iris[0]))


def test_what_the_user_gave_is_neither_changed_nor_locked(iris):
    X, y = iris[0].copy(), iris[1].copy()
    classifier().fit(X, y)
    assert np.array_equal(X, iris[0])
    X[0, 0], y[0] = 1.0, 1


# ---------------------------------------------------------------------- with the rest of scikit-learn
def test_pipelines_cross_validation_and_grids(iris):
    X, y = iris
    pipeline = make_pipeline(StandardScaler().set_output(transform="pandas"), classifier()).fit(X, y)
    assert pipeline[-1].feature_names_in_.tolist() == ["x0", "x1", "x2", "x3"]
    assert pipeline.score(X, y) > 0.9
    assert cross_val_score(classifier(), X, y, cv=2).min() > 0.85
    grid = GridSearchCV(classifier(), {"batch_size": [16, 64]}, cv=2).fit(X, y)
    assert grid.best_estimator_.batch_size in (16, 64)
    calibrated = CalibratedClassifierCV(FrozenEstimator(classifier().fit(X, y))).fit(X, y)
    assert calibrated.predict_proba(X).shape == (150, 3)
    assert CalibratedClassifierCV(classifier(), cv=2).fit(X, y).score(X, y) > 0.9


@pytest.mark.parametrize("way", ["pickle", "joblib"])
def test_fitted_searches_are_stored_and_read(fitted, iris, way):
    if way == "pickle":
        back = pickle.loads(pickle.dumps(fitted))
    else:
        buffer = io.BytesIO()
        joblib.dump(fitted, buffer)
        buffer.seek(0)
        back = joblib.load(buffer)
    assert np.array_equal(back.predict_proba(iris[0]), fitted.predict_proba(iris[0]))
    assert back.verdict_ == fitted.verdict_


def test_the_report_is_one_file(fitted, tmp_path):
    fitted.report(tmp_path / "choice.html")
    page = (tmp_path / "choice.html").read_text(encoding="utf-8")
    assert all(word in page for word in ("relu", "tanh", "<html", "</html>"))


def test_groups_are_never_parted(iris):
    X, y = iris
    groups = np.array([f"person {number % 30}" for number in range(150)])
    search = classifier().fit(X, y, groups=groups)
    for split in search.choice_.study.plan.splits.outer:
        assert not set(groups[split.train]) & set(groups[split.test])
    assert search.score(X, y) > 0.85
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        classifier().fit(X, y, groups=groups[1:])


# ---------------------------------------------------------------------- dataframes with text
def people(n=120):
    rows = np.arange(n)
    age, town = 20.0 + rows % 37, np.array(["Rome", "Oslo", "Lima"])[rows % 3]
    return {"age": age, "town": town}, np.where((age > 38) ^ (town == "Oslo"), "yes", "no")


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_text_is_a_category(frame):
    columns, y = people()
    X = frame(columns)
    search = classifier(max_iter=60).fit(X, y)
    model = search.best_estimator_.model_
    assert (model.number_names, model.level_names) == (("age",), ("town",))
    assert model.categories == (("Lima", "Oslo", "Rome"),)
    assert search.score(X, y) > 0.9
    table = search.choice_.study.plan.table
    assert np.array_equal(search.predict_proba(X), model.predict_proba(table.numbers, table.levels))
    assert np.isfinite(search.predict_proba(frame({"age": [50.0], "town": ["Bonn"]}))).all()


def test_rows_to_predict_need_the_columns_of_the_fit():
    columns, y = people()
    X = pd.DataFrame(columns)
    network = ActivationClassifier(max_iter=5, random_state=0).fit(X, y)
    with pytest.raises(ValueError, match="feature names should match"):
        network.predict(X.rename(columns={"town": "city"}))
    assert network.feature_names_in_.tolist() == ["age", "town"]
    numbered = X.set_axis([0, 1], axis=1)  # scikit-learn keeps names of columns only if all are text
    unnamed = ActivationClassifier(max_iter=5, random_state=0).fit(numbered, y)
    assert np.array_equal(unnamed.predict(numbered), network.predict(X))
    with pytest.raises(DataError, match="there is no column '1'; the columns are 0 and 2"):
        unnamed.predict(numbered.set_axis([0, 2], axis=1))
    with pytest.raises(DataError, match="learnt from a dataframe with text; give a dataframe"):
        network.predict(X.to_numpy())
    with pytest.raises(DataError, match=r"'age'.*missing.*row 2"):
        network.predict(X.assign(age=X["age"].where(X.index != 1)))
    gaps = X.assign(town=X["town"].where(X.index != 1, None))
    for call in (lambda: network.predict(gaps), lambda: ActivationClassifier().fit(gaps, y)):
        with pytest.raises(DataError, match=r"'town'.*missing.*row 2; fill it in, for instance by a SimpleImputer"):
            call()
    with pytest.raises(DataError, match="'age' holds numbers, but the text 'old' in row 3"):
        network.predict(X.assign(age=X["age"].astype(object).where(X.index != 2, "old")).astype(str))
    with pytest.raises(DataError, match="'age' is infinite in row 1"):
        network.predict(X.assign(age=np.where(X.index == 0, np.inf, X["age"])))


def test_dates_are_no_numbers():
    columns, y = people()
    X = pd.DataFrame(columns).assign(born=pd.Timestamp("2000-01-01"))
    with pytest.raises(DataError, match="column 'born' holds dates or times"):
        ActivationClassifier().fit(X, y)


# ---------------------------------------------------------------------- refusals
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"activations": ["relu"]}, "one activation has no rival; name two or more, or use .*ActivationClassifier"),
        ({"activations": ["relu", "tnh"]}, "did you mean 'tanh'"),
        ({"activations": "relu"}, "activations='relu' is no list; name two or more in a list"),
        ({"learning_rate_init": "auto"}, "learning_rate_init='auto' is not known; give 'tune'"),
        ({"learning_rate_init": -1.0}, "learning_rate_init=-1.0 is not known; give 'tune', a number above 0, or some"),
        ({"cv": "five"}, "cv='five' is not known; give a number of folds"),
        ({"cv": 1}, "folds=1 cannot be followed"),
        ({"scoring": "r2"}, "there is no metric 'r2' for a multiclass target"),
        ({"solver": "lbfgs"}, "optimizer"),
        ({"max_iter": 0}, "max_iter=0 cannot be followed; give whole numbers of 1 and more"),
        ({"max_iter": 2.5, "n_seeds": "3"}, "max_iter=2.5, n_seeds='3' cannot be followed"),
        ({"batch_size": None}, "batch_size=None cannot be followed"),
        ({"learning_rate_init": ["a"]}, r"learning_rate_init=\['a'\] is not known"),
        ({"learning_rate_init": {}}, "learning_rate_init={} is not known"),
        ({"hidden_layer_sizes": (2.5,)}, r"hidden layers \(2.5,\) must be whole numbers of 1 and more"),
        ({"hidden_layer_sizes": ((4,), (2.5,))}, r"hidden layers \(2.5,\) must be whole numbers"),
        ({"hidden_layer_sizes": 5}, "hidden layers 5 must be whole numbers"),
        ({"activations": 5}, "activations=5 is no list; name two or more"),
        ({"init": 5}, "there is no initializer 5; known are"),
        ({"scoring": 5}, "there is no metric 5 for a multiclass target"),
        ({"cv": (3, "a")}, r"cv=\(3, 'a'\) is not known"),
        ({"cv": (2.5, 1)}, r"cv=\(2.5, 1\) is not known"),
        ({"rope": "a"}, "rope='a', alpha=0.05: rope must be from 0 on"),
        ({"cache_dir": 5}, "cache_dir=5 is no folder; give its path, or None"),
        ({"alpha": 2.0}, "alpha=2.0: rope must be from 0 on and alpha between 0 and 1"),
    ],
)
def test_settings_that_cannot_be_followed_are_refused(iris, changes, said, monkeypatch):
    monkeypatch.setattr(memory, "run_shard", None)  # before anything is trained
    with pytest.raises(UnbendError, match=said):
        classifier().set_params(**changes).fit(*iris)


def test_whole_numbers_of_numpy_are_whole_numbers(iris):
    changes = {"max_iter": np.int64(3), "n_seeds": np.int32(1), "batch_size": np.int64(16), "cv": np.int64(2)}
    search = classifier().set_params(**changes, hidden_layer_sizes=(np.int64(4),)).fit(*iris)
    assert search.best_params_["hidden_layer_sizes"] == (4,)


def test_tables_that_cannot_be_learnt_from_are_refused(iris):
    X, y = iris
    with pytest.raises(DataError, match="y holds only one class, '1'"):
        classifier().fit(X[50:100], y[50:100])
    with pytest.raises(DataError, match="class '2' has 1 row"):
        classifier().fit(X[:101], y[:101])
    with pytest.raises(DataError, match=r"y is constant \(3 in every row\)"):
        regressor().fit(X, np.full(150, 3.0))
    with pytest.raises(DataError, match=r"y holds 1e\+300; divide it by its unit"):
        regressor().fit(X, np.where(y == 1, 1e300, y))
    with pytest.raises(TypeError, match=r"[Ss]parse"):
        classifier().fit(csr_array(X), y)
    with_words = pd.DataFrame({"x": X[:, 0], "word": np.array(["p", "q"])[y % 2]})
    for table in (X, with_words):
        with pytest.raises(DataError, match="y has no label in row 51; leave out the rows"):
            classifier().fit(table, np.where(y == 1, None, "a"))
        with pytest.raises(DataError, match=r"y mixes text and numbers \('a' in row 1, 7 in row 51\)"):
            classifier().fit(table, np.where(y == 1, 7, np.array("a", dtype=object)))
        with pytest.raises(ValueError, match="y contains NaN"):
            regressor().fit(table, np.where(y == 1, np.nan, 0.5))
    with pytest.raises(TypeError, match="sample_weight"):
        classifier().fit(X, y, sample_weight=np.ones(150))


def test_huge_numbers_warn_of_nothing(iris):
    X, y = iris
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert classifier().fit(X * 1e300, y).score(X * 1e300, y) > 0.85


def test_a_fitted_search_goes_elsewhere():
    search = ub.ActivationSearchClassifier(("relu", "gelu"), [(4,)], cv=2, max_iter=4, n_seeds=1, random_state=0)
    x, y = load_iris(return_X_y=True)
    best = search.fit(x, y).best_estimator_
    space: dict = {}
    exec(best.to_numpy(), space)
    assert np.allclose(space["predict_proba"](x), best.predict_proba(x), atol=1e-6)
