import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

import unbend.randomness as randomness
from lab_modules import run_module
from unbend.errors import UnbendError
from unbend.randomness import normal, permutation, purpose_hash, threefry2x32, truncated_normal, uniform

seeds = st.integers(0, 2**32 - 1)
indices = st.integers(0, 2**64 - 1)
DRAWS = [uniform, normal, truncated_normal]


@pytest.mark.parametrize(
    ("key", "counter", "expected"),
    [
        ((0, 0), (0, 0), "6b200159 99ba4efe"),
        ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), "1cb996fc bb002be7"),
        ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), "c4923a9c 483df7a0"),
    ],
)
def test_threefry_gives_the_known_answers_of_random123(key, counter, expected):
    a, b = threefry2x32(key, counter)
    assert f"{a:08x} {b:08x}" == expected


def test_purpose_hash_gives_the_known_answers_of_fnv_1a():
    assert [purpose_hash(text) for text in ("", "a", "foobar")] == [0x811C9DC5, 0xE40C292C, 0xBF9CF968]


def test_numbers_are_the_same_for_ever():
    assert uniform(42, "weights", [0, 1]).tolist() == [0.5923610599591428, 0.9102137001740391]


@pytest.mark.parametrize("draw", DRAWS)
@given(seed_list=st.lists(seeds, min_size=1, max_size=4), index_list=st.lists(indices, min_size=1, max_size=5))
@settings(max_examples=25, deadline=None)
def test_a_batch_equals_its_numbers_one_by_one(draw, seed_list, index_list):
    batch = draw(np.array(seed_list)[:, None], "batch", np.array(index_list, dtype=np.uint64))
    assert batch.dtype == np.float64
    for i, seed in enumerate(seed_list):
        for j, index in enumerate(index_list):
            assert batch[i, j] == draw(seed, "batch", index)


@pytest.mark.parametrize("draw", DRAWS)
def test_numbers_do_not_depend_on_the_chunk_size(draw, monkeypatch):
    population, positions = np.arange(37)[:, None], np.arange(211)
    whole = draw(population, "chunk", positions)
    monkeypatch.setattr(randomness, "CHUNK", 16)
    assert np.array_equal(whole, draw(population, "chunk", positions))


def test_scratch_memory_does_not_grow_with_the_output():
    tracemalloc.start()
    z = normal(np.arange(10_000)[:, None], "memory", np.arange(105))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < z.nbytes + 4_000_000


@given(seed=seeds, index=st.integers(0, 2**32 - 1), n=st.integers(0, 300))
@settings(max_examples=40, deadline=None)
def test_a_permutation_holds_each_number_once(seed, index, n):
    order = permutation(seed, "shuffle", index, n)
    assert order.dtype == np.int64
    assert sorted(order.tolist()) == list(range(n))


def test_permutations_differ_by_seed_purpose_and_index():
    orders = [permutation(*case, 50).tolist() for case in ((0, "a", 0), (1, "a", 0), (0, "b", 0), (0, "a", 1))]
    assert len({tuple(order) for order in orders}) == 4


@pytest.mark.parametrize(
    ("draw", "distribution"),
    [(uniform, stats.uniform), (normal, stats.norm), (truncated_normal, stats.truncnorm(-2, 2))],
)
def test_numbers_follow_their_distribution(draw, distribution):
    along_index = draw(123, "distribution", np.arange(20_000))
    along_seed = draw(np.arange(20_000), "distribution", 5)
    assert stats.kstest(along_index, distribution.cdf).pvalue > 0.01
    assert stats.kstest(along_seed, distribution.cdf).pvalue > 0.01
    assert abs(np.corrcoef(along_index, along_seed)[0, 1]) < 0.02
    assert abs(np.corrcoef(along_index[1:], along_index[:-1])[0, 1]) < 0.02


def test_truncated_normal_stays_within_two_and_has_the_said_deviation():
    z = truncated_normal(0, "bounds", np.arange(200_000))
    assert np.abs(z).max() <= 2.0
    assert z.std() == pytest.approx(0.8796, abs=0.004)
    assert special.ndtr(-2.0) == pytest.approx(randomness.PHI_MINUS_2, rel=1e-15)
    assert special.ndtr(2.0) - special.ndtr(-2.0) == pytest.approx(randomness.MASS_WITHIN_2, rel=1e-15)


def test_the_normal_quantile_is_accurate_and_finite_everywhere():
    p = np.concatenate(
        [np.linspace(0.001, 0.999, 997), 10.0 ** -np.arange(1.0, 17.0), 1 - 2.0 ** -np.arange(2.0, 53.0)]
    )
    assert randomness._normal_quantile(p) == pytest.approx(special.ndtri(p), rel=2e-15, abs=1e-16)
    assert np.isfinite(randomness._normal_quantile(np.array([0.0, 1 - 2.0**-53]))).all()


def test_shapes_broadcast_and_may_be_empty():
    assert uniform(0, "shape", 0).shape == ()
    assert uniform([], "shape", []).shape == (0,)
    assert normal(np.arange(2)[:, None, None], "shape", np.arange(12).reshape(3, 4)).shape == (2, 3, 4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((2**32, "p", 0), "the seed 4294967296 is out of range; choose integers from 0 to 4294967295"),
        ((-1, "p", 0), "the seed -1 is out of range; choose integers from 0 to 4294967295"),
        (([0, -7], "p", 0), "the seed -7 is out of range"),
        ((0.5, "p", 0), r"the seed must be integers from 0 to 4294967295, not 0\.5"),
        ((True, "p", 0), "the seed must be integers from 0 to 4294967295, not True"),
        ((10**30, "p", 0), "the seed must be integers from 0 to 4294967295, not 1000"),
        ((0, "p", -3), "the index -3 is out of range; choose integers from 0 to 18446744073709551615"),
        ((0, "p", "one"), "the index must be integers from 0 to 18446744073709551615, not 'one'"),
    ],
)
def test_impossible_seeds_and_indices_are_refused(arguments, message):
    with pytest.raises(UnbendError, match=message):
        uniform(*arguments)


def test_many_permutations_at_once_are_the_same_as_one_by_one():
    together = permutation(3, "batch", np.arange(1, 6), 40)
    assert together.shape == (5, 40)
    assert all(np.array_equal(order, permutation(3, "batch", i + 1, 40)) for i, order in enumerate(together))


def test_impossible_permutations_are_refused():
    with pytest.raises(UnbendError, match="a permutation of -1 things was asked for"):
        permutation(0, "p", 0, -1)
    with pytest.raises(
        UnbendError, match="the index of a permutation 4294967296 is out of range; choose integers from 0 to 4294967295"
    ):
        permutation(0, "p", 2**32, 3)


def test_the_page_draws_the_same_numbers():
    asked = [(0, "weights"), (2**32 - 1, "批次"), (1234567, "")]
    answers = run_module(
        """
        import { normal, permutation, truncatedNormal, uniform } from './random.js';
        console.log(JSON.stringify(given.map(([seed, purpose]) => [uniform(seed, purpose, 2000),
          normal(seed, purpose, 2000),
          truncatedNormal(seed, purpose, 2000), permutation(seed, purpose, 9, 500)].map(values => [...values]))));
        """,
        asked,
    )
    for (seed, purpose), (uniforms, normals, cut_off, order) in zip(asked, answers, strict=True):
        assert uniforms == uniform(seed, purpose, range(2000)).tolist()
        assert order == permutation(seed, purpose, 9, 500).tolist()
        assert normals == pytest.approx(normal(seed, purpose, range(2000)).tolist(), rel=1e-15, abs=0)
        ours = truncated_normal(seed, purpose, range(2000)).tolist()
        assert all(math.isclose(a, b, rel_tol=1e-15) for a, b in zip(cut_off, ours, strict=True))


def test_the_page_gives_the_known_answers_of_random123_and_fnv_1a():
    words, hashes = run_module(
        """
        import { purposeHash, threefry } from './random.js';
        console.log(JSON.stringify([given[0].map(four => threefry(...four)), given[1].map(purposeHash)]));
        """,
        [[[0, 0, 0, 0], [0xFFFFFFFF] * 4, [0x13198A2E, 0x03707344, 0x243F6A88, 0x85A308D3]], ["", "a", "foobar"]],
    )
    assert [f"{a:08x} {b:08x}" for a, b in words] == ["6b200159 99ba4efe", "1cb996fc bb002be7", "c4923a9c 483df7a0"]
    assert hashes == [0x811C9DC5, 0xE40C292C, 0xBF9CF968]
