"""What leaves the page: pictures that are not blank, films with their pictures, files that open elsewhere."""

import io
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from PIL import Image

import unbend as ub
from lab_browser import pages, until

XOR = "data=xor&n=120&noise=0.1&test=0.3&hidden=4,2&act=tanh&lr=0.3&features=x1,x2,x1*x2&lang=en"


@pytest.fixture
def open_page(browser, lab_file):
    with pages(browser, lab_file) as opened:
        yield lambda path, state="": opened(state, path)


@pytest.fixture
def page(open_page, lab_file):
    """The page after twelve epochs."""
    opened = open_page(lab_file, XOR)
    opened.evaluate("window.lab.show({stopEpoch: 12}); window.lab.play()")
    until(opened, "!window.lab.state().playing && window.lab.state().lastEpoch === 12")
    return opened


def saved(page, name, folder):
    """The file that a button of the panel gives."""
    with page.expect_download() as download:
        page.locator(".exits").get_by_role("button", name=name, exact=True).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def picture(path):
    """A picture of a file, in RGB."""
    with Image.open(path) as image:
        return image.convert("RGB")


def colours(image):
    return len(np.unique(np.asarray(image).reshape(-1, 3), axis=0))


def test_a_png_shows_the_output_and_the_last_space(page, tmp_path):
    path = saved(page, "PNG", tmp_path)
    image = picture(path)
    assert path.name == "unbend-xor-12.png" and image.size == (2400, 1200)
    assert colours(image.crop((0, 0, 1200, 1200))) > 100 and colours(image.crop((1200, 0, 2400, 1200))) > 20


def test_a_svg_is_sound_and_paints_the_same_picture(page, open_page, tmp_path):
    path = saved(page, "SVG", tmp_path)
    root = ElementTree.parse(path).getroot()
    assert root.get("viewBox") == "0 0 800 400" and len(root) > 10
    shot = page.context.new_page()
    shot.set_viewport_size({"width": 800, "height": 400})
    shot.set_content(f"<style>body {{ margin: 0 }}</style>{path.read_text(encoding='utf-8')}")
    drawn = picture(io.BytesIO(shot.screenshot()))
    canvas = picture(saved(page, "PNG", tmp_path)).resize((800, 400))
    difference = np.abs(np.asarray(drawn, float) - np.asarray(canvas, float)).mean()
    assert colours(drawn) > 100 and difference < 3  # the same but for the blur of resizing


def test_a_gif_has_a_picture_for_each_kept_epoch(page, tmp_path):
    pictures = []
    with Image.open(saved(page, "GIF", tmp_path)) as film:
        assert film.n_frames == page.evaluate("window.lab.state().frames") == 13 and film.size == (640, 320)
        for index in range(film.n_frames):
            film.seek(index)
            pictures.append(np.asarray(film.convert("RGB"), float))
    assert min(map(colours, pictures)) > 30
    assert np.abs(pictures[0] - pictures[-1]).mean() > 1
    exact = np.asarray(picture(saved(page, "PNG", tmp_path)).resize((640, 320)), float)
    assert np.abs(exact - pictures[-1]).mean() < 9


def test_a_film_is_recorded(page, tmp_path):
    content = saved(page, "Film", tmp_path).read_bytes()
    assert content[:4] == b"\x1a\x45\xdf\xa3" and len(content) > 5000  # the mark of WebM


def test_a_saved_run_is_one_of_python_and_opens_again(page, open_page, lab_file, tmp_path):
    path = saved(page, "Save .unbend", tmp_path)
    run, state = ub.load(path), page.evaluate("window.lab.state()")
    assert run.epochs.tolist() == list(range(13)) and run.dataset.feature_names == ("x1", "x2", "x1*x2")
    assert run.network.flatten(run.weights()).tolist() == state["weights"]
    assert run.score() == pytest.approx(state["accuracy"]) and run.history["loss"][-1] == pytest.approx(state["loss"])
    again = open_page(lab_file, "data=moons&lang=en")
    again.locator(".exits input[type=file]").set_input_files(path)
    until(again, "window.lab.state().epoch === 12")
    opened = again.evaluate("window.lab.state()")
    assert opened["weights"] == state["weights"] and opened["loss"] == pytest.approx(state["loss"])
    assert again.get_by_text("Opened unbend-xor-12.unbend: 13 kept epochs.").count() == 1


def test_a_dropped_file_that_is_no_recording_is_refused_in_one_sentence(page):
    before = page.evaluate("window.lab.state()")
    page.evaluate("""() => {
        const transfer = new DataTransfer();
        transfer.items.add(new File(['PK a zip'], 'a.unbend'));
        document.querySelector('#unbend-lab').shadowRoot.querySelector('.exits').dispatchEvent(
            new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }""")
    page.get_by_role("alert").get_by_text("cut off, damaged or not a recording of unbend").wait_for()
    assert page.evaluate("window.lab.state()")["weights"] == before["weights"]


def test_the_offline_page_opens_with_the_same_state(page, open_page, tmp_path):
    path = saved(page, "Offline page", tmp_path)
    before = page.evaluate("window.lab.state()")
    copy = open_page(path)
    after = copy.evaluate("window.lab.state()")
    assert after["settings"] == before["settings"] and after["view"] == before["view"]
    np.testing.assert_allclose(after["weights"], before["weights"], rtol=1e-7)
    assert after["loss"] == pytest.approx(before["loss"], rel=1e-6) and after["language"] == "en"
    second = open_page(saved(copy, "Offline page", tmp_path))  # a copy of a copy
    assert second.evaluate("window.lab.state().settings") == before["settings"]


@pytest.mark.parametrize("weights", [False, True])
def test_a_copied_link_opens_what_was_seen(page, open_page, lab_file, weights):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    if weights:
        page.get_by_label("with these weights").check()
    page.get_by_role("button", name="Copy link").click()
    page.get_by_text("Copied.").wait_for()
    address = page.evaluate("navigator.clipboard.readText()")
    assert address.startswith(f"{lab_file.as_uri()}#") and ("weights=" in address) == weights
    again, before = (
        open_page(lab_file, address.partition("#")[2]).evaluate("window.lab.state()"),
        page.evaluate("window.lab.state()"),
    )
    assert again["settings"] == before["settings"] and again["language"] == "en"
    assert np.allclose(again["weights"], before["weights"], rtol=1e-7) == weights


def test_code_is_shown_and_can_be_copied(page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    panel = page.locator(".exits")
    for name, mark in (
        ("Python", "ub.train("),
        ("PyTorch", "nn.Linear(3, 4)"),
        ("Keras", "keras.layers.Dense(4"),
        ("scikit-learn", "MLPClassifier"),
    ):
        panel.get_by_role("button", name=name, exact=True).click()
        shown = panel.locator("pre").text_content()
        assert mark in shown
        compile(shown, name, "exec")  # indented as Python asks, also in the linked page
    panel.get_by_role("button", name="Copy", exact=True).click()
    page.get_by_text("Copied.").wait_for()
    assert "MLPClassifier" in page.evaluate("navigator.clipboard.readText()")


@pytest.mark.parametrize("name", ["PyTorch", "Keras", "scikit-learn"])
def test_code_of_the_page_itself_runs_and_predicts_what_the_page_does(page, name, tmp_path):
    """The linked script, not the module alone: linking must leave the code as it is."""
    panel = page.locator(".exits")
    panel.get_by_role("button", name=name, exact=True).click()
    names = {}
    exec(compile(panel.locator("pre").text_content(), "script.py", "exec"), names)
    run = ub.load(saved(page, "Save .unbend", tmp_path))
    points = run.dataset.x[:, :2]
    np.testing.assert_allclose(names["predict"](points), run.predict_proba(run.dataset.x)[:, 1], atol=1e-5)


def test_a_link_with_weights_opens_at_their_epoch_and_trains_on_alike(page, open_page, lab_file):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_label("with these weights").check()
    page.get_by_role("button", name="Copy link").click()
    page.get_by_text("Copied.").wait_for()
    again = open_page(lab_file, page.evaluate("navigator.clipboard.readText()").partition("#")[2])
    ends = []
    for one in (page, again):
        assert one.evaluate("window.lab.state().epoch") == 12
        one.evaluate("window.lab.step('epoch')")
        until(one, "window.lab.state().epoch === 13")
        ends.append(one.evaluate("window.lab.state().weights"))
    np.testing.assert_allclose(ends[1], ends[0], rtol=1e-5, atol=1e-7)


def test_weights_of_another_network_are_refused(page, open_page, lab_file):
    again = open_page(lab_file, f"{XOR}&weights=1,2,3")
    again.get_by_role("alert").get_by_text("The weights in the address do not fit the network").wait_for()
    assert again.evaluate("window.lab.state().weights.length") == 29


def test_a_wide_recording_with_strange_names_can_be_trained_on(page, tmp_path):
    x = np.random.default_rng(0).normal(size=(20, 3))
    data = ub.data.Dataset(
        name="a", x=x, y=(x[:, 0] > 0) * 1.0, task="binary", feature_names=("\ud800", "<img src=x>", "b,c")
    )
    ub.train(data, hidden=(70,), epochs=2).save(tmp_path / "wide.unbend")
    page.locator(".exits input[type=file]").set_input_files(tmp_path / "wide.unbend")
    until(page, "window.lab.state().settings.hidden[0] === 70")
    page.evaluate("window.lab.change({learning_rate: 0.2}); window.lab.step('epoch')")
    until(page, "window.lab.state().epoch === 3")
    assert page.evaluate("window.lab.state().settings.learning_rate") == 0.2
    page.get_by_role("button", name="Copy link").click()
    assert page.get_by_role("alert").count() == 0


def test_the_panel_speaks_chinese_and_fits_a_phone(open_page, lab_file):
    opened = open_page(lab_file, XOR.replace("lang=en", "lang=zh"))
    opened.set_viewport_size({"width": 390, "height": 800})
    panel = opened.locator(".exits")
    words = panel.inner_text()
    assert "保存与分享" in words and not re.search(r"Copy|Save|Open|Film", words)
    panel.get_by_role("button", name="PyTorch").click()
    assert panel.evaluate("one => one.scrollWidth <= one.clientWidth")
