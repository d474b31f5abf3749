"""Where the probe lies in each layer: what is kept of it, and what a linear read-out can tell from it."""

import tracemalloc
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unbend.geometry.readout import balanced, class_targets, explained, read_out, told_apart
from unbend.randomness import normal, permutation
from unbend.watching.history import History, Sample
from unbend.watching.places import DIRECTIONS, MOST_LAYERS, Placing, kept_rows


def cloud(*shape, seed=0):
    return normal(seed, "tests/path", np.arange(int(np.prod(shape)))).reshape(shape)


def turned(width, seed=5):
    return np.linalg.qr(cloud(width, width, seed=seed))[0]


@pytest.fixture
def two():
    """Two classes, four apart along a slanting direction of six, which is not the widest one."""
    y = np.arange(120) % 2
    x = cloud(120, 6) * [1, 1, 1, 1, 1, 9]
    x[:, 0] += 6.0 * y
    return x @ turned(6), y


class TestReadout:
    def test_separable_classes_are_all_told_apart(self, two):
        x, y = two
        assert told_apart(x, y) > 0.97
        assert told_apart(np.column_stack([x, 10.0 * y]), y) == 1.0

    def test_labels_by_chance_are_not_told_apart_however_many_directions_there_are(self):
        """A cut fitted to all points would part most of them: there are half as many directions as points."""
        shares = [
            told_apart(cloud(48, 24, seed=seed), permutation(seed, "tests/labels", 0, 48) % 2) for seed in range(20)
        ]
        assert 0.4 < np.mean(shares) < 0.6

    def test_a_ring_around_a_disc_is_not_told_apart_before_it_is_lifted(self):
        angle, y = np.arange(200) * 2.4, np.arange(200) % 2
        ring = np.column_stack([np.cos(angle), np.sin(angle)]) * np.where(y, 2.0, 0.5)[:, None]
        assert told_apart(ring, y) < 0.7
        assert told_apart(np.column_stack([ring, (ring**2).sum(axis=1)]), y) == 1.0

    @pytest.mark.parametrize("classes", [2, 3, 10])
    def test_sorted_and_cyclic_labels_give_the_same_share(self, classes):
        y = np.arange(40 * classes) % classes
        x = cloud(len(y), 12) + 8.0 * np.eye(12)[y]
        order = np.argsort(y, kind="stable")
        assert told_apart(x, y) == told_apart(x[order], y[order]) == 1.0

    @given(st.floats(0.01, 100.0), st.floats(-50.0, 50.0), st.integers(0, 50))
    def test_neither_share_nor_view_depends_on_the_axes_of_the_space(self, size, shift, seed):
        y = np.arange(60) % 2
        x = cloud(60, 5, seed=1) * [1, 2, 3, 4, 5]
        x[:, 2] += 5.0 * y
        moved = size * x @ turned(5, seed) + shift
        here, there = (
            read_out(x, class_targets(y)),
            read_out(moved, class_targets(y), like=read_out(x, class_targets(y)).seen),
        )
        assert told_apart(moved, y) == told_apart(x, y)
        np.testing.assert_allclose(there.seen[:, 0], here.seen[:, 0], atol=1e-6)
        np.testing.assert_allclose(there.share, here.share, atol=0.02)

    def test_the_first_axis_is_the_best_direction_and_the_second_the_widest_of_the_rest(self, two):
        x, y = two
        shown = read_out(x, class_targets(y))
        middle = [shown.seen[y == label, 0].mean() for label in (0, 1)]
        assert middle[0] < -0.8 and middle[1] > 0.8
        widest = np.linalg.svd(x - x.mean(0))[2][0] @ (x - x.mean(0)).T
        assert abs(np.corrcoef(shown.seen[:, 1], widest)[0, 1]) > 0.99
        assert 0.8 < shown.share < 1.0

    def test_a_view_that_follows_another_does_not_flip_and_finds_the_main_direction(self, two):
        x, y = two
        first = read_out(x, class_targets(y))
        against = read_out(x, class_targets(y), like=first.seen * [1, -1])
        np.testing.assert_allclose(against.seen, first.seen * [1, -1], atol=0.02)
        wrong = np.column_stack([first.seen[:, 0], cloud(120, seed=9)])
        for _ in range(8):
            wrong = read_out(x, class_targets(y), like=wrong).seen
        assert abs(np.corrcoef(wrong[:, 1], first.seen[:, 1])[0, 1]) > 0.999

    def test_many_classes_come_to_their_places_on_a_circle(self):
        y = np.arange(200) % 5
        seen = read_out(0.05 * cloud(200, 8) + np.eye(8)[y], class_targets(y)).seen
        for label in range(5):
            np.testing.assert_allclose(seen[y == label].mean(axis=0), class_targets(np.arange(5))[label], atol=0.03)

    def test_a_rare_class_counts_as_much_as_a_frequent_one(self):
        y = (np.arange(200) % 20 == 0).astype(int)
        assert told_apart(np.zeros((200, 2)), y) == 0.5
        x = cloud(200, 3)
        x[:, 0] += 8.0 * y
        seen = read_out(x, class_targets(y), balanced(y)).seen[:, 0]
        assert seen[y == 1].mean() == pytest.approx(-seen[y == 0].mean(), abs=1e-6)

    def test_values_are_explained_by_what_is_linear_in_them(self):
        x = cloud(150, 4)
        assert explained(x, x @ [1.0, 2.0, 3.0, 4.0] + 5.0) > 0.999
        assert explained(x, x[:, 0] ** 2) < 0.1

    def test_one_class_and_one_place_are_not_measured(self):
        assert np.isnan(told_apart(cloud(10, 2), np.zeros(10, int)))
        assert np.isnan(explained(cloud(10, 2), np.ones(10)))
        assert not read_out(np.zeros((10, 3)), class_targets(np.arange(10) % 2)).seen.any()


class TestPlaces:
    def test_a_narrow_layer_is_kept_as_it_is(self):
        x = 1e6 * cloud(50, 7) + 300.0
        places = Placing()(50, x, [("a", x)], x[:, :2])
        centred = x - x.mean(axis=0)
        kept = places.layers[1]
        assert (kept.name, kept.width, kept.kept) == ("a", 7, 1.0)
        np.testing.assert_allclose(kept.points, centred / np.sqrt((centred**2).sum() / 50), atol=2e-3)
        assert places.answers.tolist() == np.argmax(x[:, :2], axis=1).tolist()

    def test_a_wide_layer_keeps_its_main_directions_from_sample_to_sample(self):
        basis, sizes = turned(300, 3), 0.8 ** np.arange(300)
        placing = Placing()
        for step in range(6):
            x = ((cloud(256, 300) * sizes) @ basis + 0.01 * step * cloud(256, 300, seed=2) * sizes).astype(np.float32)
            place = placing(256, x[:, :3], [("wide", x)], x[:, :2]).layers[1]
            squares = np.linalg.svd(x - x.mean(axis=0), compute_uv=False) ** 2
            assert place.points.shape == (256, DIRECTIONS)
            assert squares[:DIRECTIONS].sum() / squares.sum() - 1e-3 < place.kept <= 1.0
        exact = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
        assert abs(np.corrcoef(place.points[:, 0], exact[0][:, 0])[0, 1]) > 0.999

    def test_what_is_constant_or_not_finite_is_said(self):
        broken = np.ones((8, 3))
        broken[2, 1] = np.nan
        same, bad = Placing()(
            8, cloud(8, 2), [("same", 0.5 + 1e-8 * cloud(8, 3)), ("bad", broken)], cloud(8, 2)
        ).layers[1:3]
        assert not same.points.any() and same.kept == 1.0
        assert np.isnan(bad.points).all() and np.isnan(bad.kept)

    def test_many_inputs_and_many_layers_are_thinned_with_both_ends(self):
        rows = kept_rows(5000)
        assert (len(rows), rows[0], rows[-1]) == (256, 0, 4999)
        hidden = [(str(index), cloud(64, 4)) for index in range(40)]
        names = [place.name for place in Placing()(64, cloud(64, 2), hidden, cloud(64, 2)).layers]
        assert len(names) == MOST_LAYERS + 2
        assert (names[0], names[1], names[-2], names[-1]) == ("input", "0", "39", "output")

    def test_a_long_run_of_a_large_model_takes_less_than_32_megabytes(self):
        placing, history = Placing(), History()
        wide = [(str(index), cloud(256, 400, seed=index).astype(np.float32)) for index in range(MOST_LAYERS)]
        tracemalloc.start()
        for step in range(300):
            places = placing(256, wide[0][1], wide, wide[0][1][:, :10])
            history.record(Sample(step, (), places=places))
        held = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert len(history.samples) == 256
        assert 20e6 < held < 32e6
        assert len({id(sample.places.layers[0]) for sample in history.samples}) == 1  # the input is the same throughout


torch = pytest.importorskip("torch", reason="watching PyTorch models needs torch")

import unbend as ub  # noqa: E402
from watched_models import MODELS, Cells, made, train  # noqa: E402


class TestTorch:
    @pytest.mark.parametrize("name", MODELS)
    def test_every_kind_of_model_hands_over_a_row_for_each_input(self, name):
        model, x = made(name)
        with ub.watch(model, probe=x, every=2) as w:
            train(model, x)
        for sample in w.history.samples:
            layers = sample.places.layers
            assert [place.name for place in layers[1:-1]] == [layer.name for layer in sample.hidden]
            assert all(len(place.points) == 64 for place in layers)
            assert layers[0].name == ("embedding" if name == "transformer" else "input")
        answers = w.history.samples[-1].places.answers
        for module in model.modules():  # the probe, too, is normalised by its own statistics
            module.training = "BatchNorm" in type(module).__name__
        assert answers.tolist() == model(x).argmax(1).tolist()

    @pytest.mark.parametrize("kind", [torch.nn.GRU, torch.nn.LSTM, torch.nn.RNN])
    def test_a_recurrent_layer_shows_its_last_state(self, kind):
        torch.manual_seed(0)
        model = Cells(kind)
        x = torch.randn(40, 7, 3)
        place = ub.watch(model, probe=x).history.samples[0].places.layers[-2]
        last = model.layer(x)[0][:, -1].detach().numpy()
        last = last - last.mean(axis=0)
        np.testing.assert_allclose(place.points, last / np.sqrt((last**2).sum() / 40), atol=3e-3)

    def test_a_convolution_keeps_a_grid_of_averages_and_tokens_their_mean(self):
        from unbend.watching.torch.places import layer_rows

        maps = torch.arange(2 * 3 * 8 * 8.0).reshape(2, 3, 8, 8)
        rows = layer_rows(maps, -3, 2)
        assert rows.shape == (2, 48)
        assert rows[1, 0] == maps[1, 0, :2, :2].mean()
        tokens = torch.arange(2 * 5 * 4.0).reshape(2, 5, 4)
        for laid_out in (tokens, tokens.transpose(0, 1), tokens.reshape(10, 4)):
            assert layer_rows(laid_out, -1, 2).tolist() == tokens.mean(1).tolist()
        assert layer_rows(torch.zeros(7, 4), -1, 2) is None

    def test_a_model_that_learns_untangles_its_classes(self):
        torch.manual_seed(0)
        data = ub.data.load("circles")
        rows = permutation(0, "tests/rows", 0, len(data))[:256]
        x, y = torch.tensor(data.x[rows]), torch.tensor(data.y[rows]).long()
        layers = (
            torch.nn.Linear(2, 16),
            torch.nn.Tanh(),
            torch.nn.Linear(16, 16),
            torch.nn.Tanh(),
            torch.nn.Linear(16, 2),
        )
        model = torch.nn.Sequential(*layers).to(x.dtype)
        optimizer = torch.optim.Adam(model.parameters(), 0.02)
        with ub.watch(model, probe=x, every=50) as w:
            for _ in range(200):
                optimizer.zero_grad()
                torch.nn.functional.cross_entropy(model(x), y).backward()
                optimizer.step()
        shares = [told_apart(place.points, y.numpy()) for place in w.history.samples[-1].places.layers]
        assert shares[0] < 0.75 and shares[-1] > 0.95


class TestSklearn:
    def test_a_perceptron_hands_over_its_layers_and_labels_of_the_whole_probe_fit(self):
        from sklearn.neural_network import MLPClassifier

        x, y = cloud(300, 6), np.arange(300) % 3
        x[:, :3] += 4.0 * np.eye(3)[y]
        network = MLPClassifier((12, 40), learning_rate_init=0.01, max_iter=30, random_state=0)
        with ub.watch(network, probe=x, every=5) as w, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it has not converged
            network.fit(x, y)
        places = w.history.samples[-1].places
        names = [(place.name, place.width) for place in places.layers]
        assert names == [("input", 6), ("hidden layer 1", 12), ("hidden layer 2", 40), ("output", 3)]
        assert (places.count, len(places.rows)) == (300, 256)
        assert places.answers.tolist() == network.predict(x)[places.rows].tolist()
        assert told_apart(places.layers[-1].points, y[places.rows]) > 0.95
