"""The page of the lab in a headless browser with the network off: numbers first, then what is to be seen."""

import json

import numpy as np
import pytest

import unbend as ub
from lab_browser import pages, until

XOR = "data=xor&n=200&noise=0.1&hidden=4&act=tanh&lr=0.3"


@pytest.fixture
def open_lab(browser, lab_file):
    with pages(browser, lab_file) as opened:

        def sized(state=XOR, width=1280, height=900, **media):
            page = opened(state)
            page.set_viewport_size({"width": width, "height": height})
            if media:
                page.emulate_media(**media)
            return page

        yield sized


def state(page):
    return page.evaluate("window.lab.state()")


def train_to(page, epoch):
    """Train exactly so far."""
    page.evaluate(f"window.lab.show({{stopEpoch: {epoch}}}); window.lab.play()")
    until(page, f"!window.lab.state().playing && window.lab.state().lastEpoch === {epoch}")


def pixels(page, selector):
    """How many different colours a canvas shows: one is a blank."""
    return page.locator(selector).first.evaluate(
        """canvas => new Set(new Uint32Array(
            canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size"""
    )


def test_the_page_trains_the_network_that_python_trains(open_lab):
    page = open_lab("data=xor&n=40&noise=0.1&hidden=3&act=tanh&lr=0.3&batch=8&seed=5&test=0")
    train_to(page, 20)
    run = ub.train(
        ub.data.xor(n=40, noise=0.1), hidden=3, activation="tanh", learning_rate=0.3, batch_size=8, epochs=20, seed=5
    )
    shown = state(page)
    assert np.allclose(shown["weights"], run.weights_at[-1], rtol=2e-4, atol=2e-5)  # the kernel counts in float32
    assert shown["loss"] == pytest.approx(float(run.history["loss"][-1]), rel=1e-4)
    assert shown["accuracy"] == run.history["accuracy"][-1]
    assert shown["epoch"] == 20 and shown["step"] == 100 and shown["language"] == "en" and shown["data"] == "xor"


def test_play_pause_step_and_reset_are_exact(open_lab):
    page = open_lab()
    page.get_by_role("button", name="One epoch").click()
    until(page, "window.lab.state().epoch === 1")
    page.get_by_role("button", name="Train", exact=True).click()
    until(page, "window.lab.state().epoch > 30")
    page.get_by_role("button", name="Pause").click()
    paused = state(page)["epoch"]
    page.wait_for_timeout(150)
    page.evaluate("window.lab.step('epoch')")
    until(page, f"window.lab.state().epoch > {paused}")
    page.get_by_role("button", name="Start again").click()
    again = state(page)
    assert again["epoch"] == 0 and again["frames"] == 1


def test_the_timeline_shows_kept_epochs_and_forks(open_lab):
    page = open_lab()
    train_to(page, 60)
    at_end = state(page)["weights"]
    page.evaluate("window.lab.seek(10)")
    assert state(page)["epoch"] == 10 and state(page)["lastEpoch"] == 60
    assert state(page)["weights"] != at_end
    page.get_by_role("button", name="One kept epoch back").click()
    assert state(page)["epoch"] == 9
    page.get_by_role("button", name="Go on from here").click()
    until(page, "!window.lab.state().playing && window.lab.state().lastEpoch === 60")
    assert np.allclose(state(page)["weights"], at_end, rtol=1e-12)  # plain descent has no memory: the same way again


def test_changing_the_learning_rate_keeps_the_run_and_changing_the_shape_begins_anew(open_lab):
    page = open_lab()
    train_to(page, 5)
    page.get_by_label("Learning rate").select_option("0.1")
    assert state(page)["epoch"] == 5 and state(page)["settings"]["learning_rate"] == 0.1
    page.get_by_role("button", name="Layer 1: add a unit").click()
    assert state(page)["epoch"] == 0 and state(page)["settings"]["hidden"] == [5]


def test_every_layer_may_have_its_own_activation(open_lab):
    page = open_lab("data=circles&hidden=4,3&act=tanh")
    page.get_by_label("Activation of layer 2").select_option("relu")
    assert state(page)["settings"]["activations"] == ["tanh", "relu"]


def test_a_point_under_the_pointer_lights_up_everywhere_and_can_be_dragged(open_lab):
    page = open_lab("data=xor&n=4&noise=0&hidden=3&act=tanh&test=0")
    page.evaluate("window.lab.step('epoch')")
    canvas = page.locator("canvas.map")
    box = canvas.bounding_box()
    places = page.evaluate("window.lab.spaces().output")
    left, right, bottom, top = places["limits"]
    x = box["width"] * (places["points"][2] - left) / (right - left)
    y = box["height"] * (top - places["points"][3]) / (top - bottom)
    before = page.locator("canvas.space").nth(1).evaluate("canvas => canvas.toDataURL()")
    page.mouse.move(box["x"] + x, box["y"] + y)
    until(page, "window.lab.state().hover === 1")
    page.wait_for_timeout(100)
    assert page.locator("canvas.space").nth(1).evaluate("canvas => canvas.toDataURL()") != before
    page.mouse.down()
    page.mouse.move(box["x"] + x + 30, box["y"] + y - 30, steps=4)
    page.mouse.up()
    moved = state(page)
    assert moved["data"] == "own" and moved["settings"]["data"]["own"]["x"][1] != [0, 1]
    assert moved["epoch"] >= 1


def test_a_weight_is_changed_by_hand(open_lab):
    page = open_lab()
    page.get_by_role("button", name="Unit 2 of layer 1").click()
    field = page.get_by_label("from x2")
    field.fill("2.5")
    field.press("Enter")
    assert 2.5 in state(page)["weights"]
    page.keyboard.press("Escape")
    assert page.get_by_label("from x2").count() == 0


def test_the_language_follows_into_the_address(open_lab):
    page = open_lab()
    page.get_by_role("button", name="中文").click()
    until(page, "location.hash.includes('lang=zh')")
    assert state(page)["language"] == "zh"
    assert page.get_by_role("button", name="训练", exact=True).count() == 1
    page.reload()
    until(page, "window.lab && window.lab.state().ready")
    assert state(page)["language"] == "zh"


@pytest.mark.parametrize("task", ["blobs", "sine", "plane", "iris", "ring"])
def test_every_kind_of_data_is_shown(open_lab, task):
    page = open_lab(f"data={task}&hidden=4,3&act=tanh")
    train_to(page, 10)
    assert np.isfinite(state(page)["loss"])
    for selector in ("canvas.map", "canvas.space >> nth=1", ".units [data-unit] canvas", "canvas.chart"):
        assert pixels(page, selector) > 3, selector


def test_a_lesson_mode_hides_what_the_address_says(open_lab):
    page = open_lab(f"{XOR}&hide=data,race,card")
    assert page.locator(".data").count() == 0
    assert page.locator(".strip").count() == 1


@pytest.mark.parametrize("width", [390, 768, 1280, 1920])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_is_accessible_at_every_width(open_lab, width, language):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed")
    page = open_lab(f"{XOR}&lang={language}", width=width)
    page.evaluate("window.lab.step('epoch')")
    found = axe.Axe().run(page)
    assert [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found.response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_page_is_accessible_in_the_dark(open_lab):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed")
    page = open_lab(f"{XOR}&theme=dark")
    found = axe.Axe().run(page)
    assert [one["id"] for one in found.response["violations"]] == []


HOSTILE = (
    "data=<img src=x onerror=alert(1)>&hidden=99999&act=constructor",
    "data=own&own=" + "A" * 3000,
    "act=" + "%28" * 400,
    "lr=NaN&hidden=1e9&n=1e12&seed=-1&lang=<script>",
    "hide=__proto__&lesson=toString&data=__proto__",
    json.dumps({"a": 1}),
)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_address_does_no_harm(open_lab, text):
    page = open_lab(text)
    assert state(page)["epoch"] == 0
    assert page.locator("img").count() == 0 and page.locator("script").count() == 3  # the page's own
    assert page.get_by_role("alert").count() >= 1


def test_first_a_straight_line_then_a_curve(open_lab):
    page = open_lab()
    train_to(page, 300)
    assert state(page)["accuracy"] == 1
    spaces = page.evaluate("window.lab.spaces().layers.at(-1)")
    x1, y1, x2, y2 = spaces["lines"][0]
    points = np.array(spaces["points"]).reshape(-1, 2)
    side = (points[:, 0] - x1) * (y2 - y1) - (points[:, 1] - y1) * (x2 - x1)
    classes = np.array(spaces["y"])
    sides = {label: set(np.sign(side[classes == label])) for label in (0.0, 1.0)}
    assert len(sides[0.0]) == len(sides[1.0]) == 1 and sides[0.0] != sides[1.0]  # the line in the space parts them


def test_a_wide_layer_is_seen_so_that_its_line_is_exact(open_lab):
    page = open_lab("data=circles&hidden=8,5&act=tanh&lr=0.1&test=0")
    train_to(page, 40)
    last = page.evaluate("window.lab.spaces().layers.at(-1)")
    assert last["exact"]
    x1, y1, x2, y2 = last["lines"][0]
    points = np.array(last["points"]).reshape(-1, 2)
    side = np.sign((points[:, 0] - x1) * (y2 - y1) - (points[:, 1] - y1) * (x2 - x1))
    classes = np.where(np.array(last["y"]) > 0, 1, -1)
    share = (side == classes).mean()
    assert max(share, 1 - share) == pytest.approx(
        state(page)["accuracy"]
    )  # what the line says is what the network says
    assert "of the variance is seen" in page.locator(".net").inner_text()


def test_a_network_with_folds_shows_them(open_lab):
    page = open_lab("data=circles&hidden=5&act=relu")
    assert page.evaluate("window.lab.spaces().output.folds") == 0
    before = page.locator("canvas.map").evaluate("canvas => canvas.toDataURL()")
    page.get_by_label("Fold lines").check()
    assert page.evaluate("window.lab.spaces().output.folds") >= 1
    until(
        page,
        "document.querySelector('#unbend-lab').shadowRoot.querySelector('canvas.map').toDataURL() !== "
        + json.dumps(before),
    )


@pytest.mark.parametrize("box", ["Show test data", "Discretize output", "Grid"])
def test_what_is_ticked_changes_the_picture(open_lab, box):
    page = open_lab()
    shown = """[...document.querySelector('#unbend-lab').shadowRoot.querySelectorAll('canvas.map, canvas.space')]
        .map(canvas => canvas.toDataURL()).join()"""
    before = page.evaluate(shown)
    page.get_by_role("checkbox", name=box).click()
    until(page, f"{shown} !== {json.dumps(before)}")


def test_training_stops_when_the_loss_is_low_enough(open_lab):
    page = open_lab(f"{XOR}&stoploss=0.2&speed=0")
    page.evaluate("window.lab.play()")
    until(page, "!window.lab.state().playing")
    assert state(page)["loss"] <= 0.2
    page.evaluate(f"window.lab.seek({state(page)['epoch'] - 1})")
    assert state(page)["loss"] > 0.1


def test_a_run_that_leaves_the_finite_numbers_says_so_and_why(open_lab):
    page = open_lab("data=xor&hidden=6,6&act=square&lr=10")
    page.evaluate("window.lab.play()")
    until(page, "window.lab.state().divergedAt !== null && !window.lab.state().playing")
    lamp = page.locator(".lamp")
    until(
        page,
        "document.querySelector('#unbend-lab').shadowRoot.querySelector('.lamp').innerText.includes('grows faster')",
    )
    assert "Epoch 1" in lamp.inner_text()
    assert np.isfinite(state(page)["weights"]).all()


def test_the_loss_under_the_pointer_is_said(open_lab):
    page = open_lab()
    train_to(page, 30)
    page.locator(".output canvas.chart").hover()
    said = page.locator(".output").inner_text()
    assert "training" in said and "epoch " in said


def test_nothing_moves_by_itself_where_motion_is_unwelcome(open_lab):
    page = open_lab(f"{XOR}&bend=0", reduced_motion="reduce")
    page.get_by_role("button", name="Run through").click()
    places = set()
    for _ in range(25):
        places.add(round(page.evaluate("window.lab.state().view.bend ?? 0") * 3, 6))
        page.wait_for_timeout(60)
    assert all(place == int(place) for place in places)  # it jumps from part to part


def test_a_run_that_was_replaced_comes_back(open_lab):
    page = open_lab()
    train_to(page, 25)
    before = state(page)
    page.get_by_role("button", name="Layer 1: add a unit").click()
    assert state(page)["lastEpoch"] == 0
    page.get_by_role("button", name="Undo").click()
    after = state(page)
    assert (
        after["lastEpoch"] == 25 and after["weights"] == before["weights"] and after["settings"] == before["settings"]
    )


def test_the_space_bar_trains(open_lab):
    page = open_lab()
    page.keyboard.press(" ")
    until(page, "window.lab.state().epoch > 2")
    page.keyboard.press(" ")
    assert not state(page)["playing"]


def test_the_lines_of_the_weights_lie_between_the_units_on_every_screen(browser, lab_file):
    for ratio in (1, 1.25, 2):
        context = browser.new_context(viewport={"width": 1280, "height": 900}, device_scale_factor=ratio)
        page = context.new_page()
        page.goto(f"{lab_file.as_uri()}#{XOR}")
        until(page, "window.lab && window.lab.state().ready")
        links, columns = (page.locator(where).first.bounding_box() for where in ("canvas.links", ".net"))
        assert links["height"] == pytest.approx(columns["height"], abs=20)
        assert links["width"] == pytest.approx(columns["width"], abs=20)
        context.close()
