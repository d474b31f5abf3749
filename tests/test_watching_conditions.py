"""Conditions on the health of a model: what they say, what is none, and which of them a model breaks."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import unbend as ub
from unbend.errors import UnbendError
from unbend.watching.checking import HealthError, check
from unbend.watching.conditions import NAMES, SIGNS, conditions
from unbend.watching.measure import OF_LAYER, SHARES, LayerMeasure, WeightMeasure

torch = pytest.importorskip("torch", reason="models are PyTorch's")
from torch import nn  # noqa: E402

LIMITS = st.floats(-1e6, 1e6, allow_nan=False)
SPACE = st.sampled_from(["", " ", "  "])


# ---------------------------------------------------------------------- reading
@given(st.sampled_from(NAMES), st.sampled_from(list(SIGNS)), LIMITS, st.tuples(SPACE, SPACE, SPACE))
def test_a_comparison_says_what_it_says(name, sign, limit, spaces):
    limit = abs(limit) % 1 if name in SHARES else limit
    (found,) = conditions([f"{spaces[0]}{name}{spaces[1]}{sign}{spaces[2]}{limit!r}"])
    assert (found.name, found.sign, found.limit) == (name, sign, limit)
    assert conditions([found.text]) == (found,)


@given(st.sampled_from(SHARES), st.integers(0, 100))
def test_a_share_may_be_a_percentage(name, percent):
    (found,) = conditions([f"{name}>{percent}%"])
    assert found.limit == percent / 100 and conditions([found.text]) == (found,)


@given(st.sampled_from(list(SIGNS)), LIMITS, st.floats(allow_nan=True))
def test_a_condition_holds_as_its_sign_says_and_never_for_nan(sign, limit, value):
    (found,) = conditions([f"spread{sign}{limit!r}"])
    truth = {">": value > limit, ">=": value >= limit, "<": value < limit, "<=": value <= limit}[sign]
    assert found.holds(value) == truth and not found.holds(math.nan)


@given(st.text(max_size=20))
def test_any_other_text_is_refused_in_one_sentence(text):
    try:
        (found,) = conditions([text])
    except UnbendError as error:
        assert str(error).startswith(f"condition {text.strip()!r}") and "\n" not in str(error)
    else:
        assert found.name in (*NAMES, "alarm", "warning", "note")


def test_every_number_of_a_layer_can_be_asked_for():
    assert set(OF_LAYER) <= set(LayerMeasure.__dataclass_fields__) and "update" in WeightMeasure.__dataclass_fields__


def test_repetitions_count_once():
    assert [one.text for one in conditions(["dead>0.2", "alarm", "dead > 0.2", "alarm"])] == ["dead>0.2", "alarm"]


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        (["dead"], "condition 'dead' has no limit; write 'dead>0.2', in quotes, since a shell takes > for the name"),
        (["deed>0.2"], "condition 'deed>0.2': nothing of the name 'deed' is measured; did you mean 'dead'?"),
        (["alrm"], "condition 'alrm' is neither a severity nor a comparison; did you mean 'alarm'?"),
        (["dead>20"], "condition 'dead>20': dead is a share from 0 to 1, and 20 is none; write dead>20%"),
        (["dead>-1"], "condition 'dead>-1': dead is a share from 0 to 1, and -1 is none"),
        (["dead>much"], "condition 'dead>much': 'much' is no number; write for example dead>0.2"),
        (["dead>nan"], "condition 'dead>nan': 'nan' is no number"),
        (["dead=0.2"], "condition 'dead=0.2' is no comparison; write a name, one of >, >=, <, <=, and a number"),
        ([""], "condition '' is no comparison"),
        (["deed>1", "alarm", "dead"], r"nothing of the name 'deed' is measured; .*; condition 'dead' has no limit"),
    ],
)
def test_what_is_no_condition_is_told_with_its_mend(texts, sentence):
    with pytest.raises(UnbendError, match=sentence):
        conditions(texts)


# ---------------------------------------------------------------------- holding them against a model
def planted(dead):
    """A model of two hidden layers of ten units, of which ``dead`` of the first are dead by their biases."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 10), nn.ReLU(), nn.Linear(10, 10), nn.Tanh(), nn.Linear(10, 2), nn.Sigmoid())
    with torch.no_grad():
        model[0].weight.copy_(torch.eye(10, 4))
        model[0].weight[4:] = 0.5
        model[0].bias[:] = 1
        model[0].bias[:dead] = -1000
    return ub.watch(model, torch.randn(64, 4).clamp(-1, 1))


@pytest.mark.parametrize("dead", [0, 1, 3, 10])
def test_exactly_what_is_dead_breaks_the_condition(dead):
    watch = planted(dead)
    for limit in (0.05, 0.25, 0.95):
        if dead / 10 > limit:
            with pytest.raises(HealthError, match=rf"dead>{limit}: dead is {dead / 10:g} in '1'$"):
                watch.check(f"dead>{limit}")
        else:
            watch.check(f"dead>{limit}")


def test_all_that_is_broken_is_told_at_once_and_is_an_assertion():
    with pytest.raises(AssertionError, match=r"^Sequential is not healthy enough after 0 steps: ") as told:
        planted(10).check("dead>0.2", "alarm", "rank<1e-3", "spread>1e9")
    said = str(told.value)
    assert "dead>0.2: dead is 1 in '1'" in said and "rank<0.001" not in said and "spread" not in said.split("alarm:")[0]
    assert "rank<1e-3: rank is 0 in '1'" in said and "alarm: 1: 100% of the units are dead" in said
    assert told.value.exit_status == 1 and isinstance(told.value, UnbendError)


def test_severities_include_the_worse_and_alarm_is_what_is_asked_for_by_itself():
    watch = planted(6)  # a warning
    watch.check()
    watch.check("alarm")
    for word in ("warning", "note"):
        with pytest.raises(HealthError, match=f"{word}: 1: 60% of the units are dead"):
            watch.check(word)
    with pytest.raises(HealthError, match="alarm: 1: 80% of the units are dead"):
        planted(8).check()


def test_the_output_and_gates_are_not_asked():
    watch = planted(0)
    watch.check("saturated_units>0.99", "mean<-1e6")
    found = {one.place for one in check(conditions(["spread>=0"]), watch.health, watch.history)}
    assert found == {"1", "3"}


def test_what_was_not_measured_is_not_taken_for_healthy():
    with pytest.raises(UnbendError, match=r"'update>0.1', 'time_ratio>9' holds is not known: .*train \(longer\)"):
        planted(0).check("update>0.1", "time_ratio>9", "dead>0.2")
    with pytest.raises(UnbendError, match=r"whether 'time_ratio>9' holds is not known: .* leave it out"):
        planted(0).check("time_ratio>9")
    with pytest.raises(UnbendError, match="nothing was measured yet, so that health is not known"):
        ub.watch(nn.Sequential(nn.Linear(4, 2), nn.ReLU())).check("dead>0.2")


def test_nan_in_the_model_fails_whatever_is_asked():
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    with torch.no_grad():
        model[0].bias[0] = math.nan
    with pytest.raises(HealthError, match="NaN: NaN or Inf: first in 1, at step 0"):
        ub.watch(model, torch.randn(8, 4)).check("spread>1e9")


def test_an_update_is_the_last_that_was_seen():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    x, optimizer = torch.randn(32, 4), torch.optim.SGD(model.parameters(), 0.5)
    with ub.watch(model, x, every=2) as watch:
        for _ in range(3):  # the sample after the third step sees no update, that after the second does
            optimizer.zero_grad()
            model(x).square().sum().backward()
            optimizer.step()
    seen = watch.history.of_weight("0.weight", "update")
    assert math.isnan(seen[-1]) and not math.isnan(seen[-2])
    with pytest.raises(HealthError, match=r"update>0: update is .* in '0.weight'"):
        watch.check("update>0")
    watch.check("update>1e9")
