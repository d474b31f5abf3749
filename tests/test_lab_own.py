"""The user's own data on the page: drawn, typed as a function, pasted or dropped; and what does no harm."""

import numpy as np
import pytest

from lab_browser import pages, until
from test_lab_csv import check_case

HOSTILE = "<img src=x onerror=window.harmed=1>"
TABLE = "size,weight,kind\n" + "".join(f"{i},{i * 7 % 11},{'big' if i > 9 else 'small'}\n" for i in range(20))


@pytest.fixture
def own(browser, lab_file):
    """Opens the page with the part of the user's own data."""
    with pages(browser, lab_file, height=1400) as opened:

        def unfolded(language="en"):
            page = opened(f"data=xor&lang={language}")
            page.locator(".data summary").click()
            return page

        yield unfolded


def data_of(page):
    return page.evaluate("window.lab.state().settings.data")


def said(page):
    return "".join(page.locator(".own [role=status]").all_inner_texts())


def click(page, name):
    page.locator(".own").get_by_role("button", name=name).click()


def place(page, *places):
    """Click at places of the square from -1 to 1."""
    box = page.locator(".drawing").bounding_box()
    for x, y in places:
        page.mouse.click(box["x"] + box["width"] * (x + 1) / 2, box["y"] + box["height"] * (1 - y) / 2)


def drag(page, start, end):
    box = page.locator(".drawing").bounding_box()
    pixels = [(box["x"] + box["width"] * (x + 1) / 2, box["y"] + box["height"] * (1 - y) / 2) for x, y in (start, end)]
    page.mouse.move(*pixels[0])
    page.mouse.down()
    page.mouse.move(*pixels[1], steps=20)
    page.mouse.up()


def puts(page, what):
    page.get_by_label("A click puts").select_option(label=what)


def train(page, epochs):
    page.evaluate(f"window.lab.show({{stopEpoch: {epochs}}}); window.lab.play()")
    until(page, f"!window.lab.state().playing && window.lab.state().lastEpoch === {epochs}")
    return page.evaluate("window.lab.state()")


def use_table(page, text, target=None):
    page.get_by_label("CSV with a header").evaluate(
        "(area, text) => { area.value = text; area.dispatchEvent(new Event('input')); }", text
    )
    if target:
        page.get_by_label("Target").select_option(target)
    click(page, "Use this table")


def test_clicked_points_become_data_that_is_learnt(own):
    page = own()
    page.evaluate("window.lab.change({batch_size: null, learning_rate: 1})")
    place(page, (-0.5, 0.5), (-0.6, 0.2), (-0.4, -0.5))
    puts(page, "class 1")
    place(page, (0.5, 0.5), (0.6, -0.2), (0.4, -0.5))
    click(page, "Use these points")
    found = data_of(page)
    assert found["name"] == "own" and found["own"]["task"] == "binary" and found["own"]["y"] == [0, 0, 0, 1, 1, 1]
    assert np.allclose(found["own"]["x"][0], [-0.5, 0.5], atol=0.01)
    page.evaluate("window.lab.change({data: {...window.lab.state().settings.data, test: 0}})")
    assert train(page, 200)["accuracy"] == 1


def test_a_drag_draws_a_stream_and_erasing_takes_what_is_near(own):
    page = own()
    puts(page, "class 2")
    drag(page, (-0.8, 0.8), (0.8, 0.8))
    puts(page, "class 0")
    drag(page, (-0.8, -0.8), (0.8, -0.8))
    puts(page, "nothing: it erases")
    drag(page, (-0.8, 0.8), (0.0, 0.8))
    click(page, "Use these points")
    found = data_of(page)["own"]
    x, y = np.array(found["x"]), np.array(found["y"])
    assert found["class_names"] == ["0", "2"] and found["task"] == "binary"
    assert 15 < (y == 0).sum() < 25 and 5 < (y == 1).sum() < 15
    assert x[y == 1, 0].min() > 0
    click(page, "Clear")
    click(page, "Use these points")
    assert "0 points are too few; draw at least 4" in said(page)
    assert data_of(page)["own"] == found


def test_points_with_values_by_the_keyboard_alone(own):
    page = own()
    puts(page, "value")
    for x1, x2, value in ((-1, 0, -2), (0.5, 0.25, 0.5), (1, 1, 3), (-0.5, -1, 0)):
        for label, number in (("x1", x1), ("x2", x2), ("value", value)):
            page.locator(".own").get_by_label(label, exact=True).fill(str(number))
        page.locator(".own").get_by_role("button", name="Add").press("Enter")
    click(page, "Use these points")
    found = data_of(page)["own"]
    assert found["task"] == "regression" and found["y"] == [-2, 0.5, 3, 0]
    assert found["x"] == [[-1, 0], [0.5, 0.25], [1, 1], [-0.5, -1]]


@pytest.mark.parametrize(
    ("drawn", "sentence"),
    [
        ([("class 0", [(0, 0), (0.5, 0.5), (0.2, 0.7), (0.1, -0.6)])], "Every point has the same class"),
        ([("class 0", [(0, 0), (0.5, 0.5), (0.2, 0.7)]), ("class 1", [(0.9, 0)])], "Class 1 has a single point"),
        ([("class 0", [(0, 0), (0.5, 0.5)]), ("value", [(0.9, 0), (0.5, 0)])], "Some points have a class and some a"),
    ],
    ids=["one-class", "single", "mixed"],
)
def test_points_that_cannot_be_learnt_change_nothing(own, drawn, sentence):
    page = own()
    for what, places in drawn:
        puts(page, what)
        place(page, *places)
    click(page, "Use these points")
    assert sentence in said(page) and data_of(page)["name"] == "xor"


def test_drawn_points_outlive_a_change_of_language(own):
    page = own()
    place(page, (-0.5, 0.5), (0.5, 0.5))
    page.get_by_role("button", name="中文").click()
    page.locator(".data summary").click()
    page.wait_for_selector("canvas[aria-label*='2 个点']")
    page.locator(".own").get_by_role("button", name="用这些点").click()
    assert "只有 2 个点，太少" in said(page)


def test_a_function_in_two_variables_gives_classes_or_values(own):
    page = own()
    page.get_by_label("y = f(x1, x2), or f(x)").fill("x1**2 + x2**2 - 0.5")
    click(page, "Use this function")
    found = data_of(page)["own"]
    x, y = np.array(found["x"]), np.array(found["y"])
    assert x.shape == (300, 2) and np.abs(x).max() <= 1 and (np.abs(x.mean(axis=0)) < 0.12).all()
    assert (y == ((x**2).sum(axis=1) > 0.5)).all() and found["class_names"] == ["0", "1"]
    page.get_by_label("y is").select_option(label="a value")
    click(page, "Use this function")
    found = data_of(page)["own"]
    assert found["task"] == "regression" and np.allclose(found["y"], (x**2).sum(axis=1) - 0.5)
    assert np.isfinite(train(page, 3)["loss"])


def test_a_function_in_one_variable(own):
    page = own()
    page.get_by_label("y is").select_option(label="a value")
    page.get_by_label("y = f(x1, x2), or f(x)").fill("sin(3*x)")
    page.keyboard.press("Enter")
    found = data_of(page)["own"]
    assert np.allclose(np.array(found["x"])[:, 0], np.linspace(-1, 1, 300)) and found["feature_names"] == ["x"]
    assert np.allclose(found["y"], np.sin(3 * np.linspace(-1, 1, 300)))
    assert np.isfinite(train(page, 3)["loss"])


@pytest.mark.parametrize(
    ("formula", "sentence"),
    [
        ("x1 +", "the formula cannot be read here"),
        ("alert(1)", "there is no function 'alert' in a formula"),
        ("log(x1)", "f is not a finite number at x1 = −"),
        ("x1*0", "f is 0.000 at every point"),
        ("x1**2 + 1", "f has the same sign at every point"),
    ],
)
def test_functions_that_are_refused_change_nothing(own, formula, sentence):
    page = own()
    page.get_by_label("y = f(x1, x2), or f(x)").fill(formula)
    click(page, "Use this function")
    assert sentence in said(page) and data_of(page)["name"] == "xor"


def test_a_pasted_table_with_a_text_target_is_learnt(own, tmp_path):
    page = own()
    use_table(page, TABLE)
    found = data_of(page)
    check_case(tmp_path / "table.csv", {"text": TABLE, "target": "kind"}, {"own": found["own"]})
    assert found["n"] == 20 and found["own"]["class_names"] == ["big", "small"]
    assert train(page, 100)["accuracy"] > 0.9
    use_table(page, TABLE, "weight")
    assert "column 'kind' holds text ('small' and 'big', first in row 1)" in said(page)
    assert data_of(page) == found


def test_a_file_is_chosen_or_dropped(own):
    page = own()
    chosen = {"name": "things.tsv", "mimeType": "text/csv", "buffer": TABLE.replace(",", "\t").encode()}
    page.locator(".own input[type=file]").set_input_files(chosen)
    page.get_by_label("Target").wait_for()
    assert "things.tsv is read; choose the target." in said(page)
    click(page, "Use this table")
    assert data_of(page)["own"]["origin"] == "things.tsv"
    dropped = page.evaluate_handle(
        "text => { const all = new DataTransfer(); all.items.add(new File([text], 'dropped.csv')); return all; }", TABLE
    )
    page.dispatch_event(".own textarea", "drop", {"dataTransfer": dropped})
    page.get_by_text("dropped.csv is read").wait_for()
    click(page, "Use this table")
    assert data_of(page)["own"]["origin"] == "dropped.csv"
    page.locator(".own input[type=file]").set_input_files({**chosen, "name": "l.csv", "buffer": b"a,y\ncaf\xe9,1\n"})
    page.get_by_text("l.csv is not UTF-8 text; save it again as CSV in UTF-8.").wait_for()
    assert data_of(page)["own"]["origin"] == "dropped.csv"


def test_all_faults_of_a_table_are_shown_in_both_languages(own):
    page = own("zh")
    page.get_by_label("带表头的 CSV").fill("a,b,y\n1,,x\n2,NA,x\nabc,4,y\n4,4,u\n")
    click(page, "用这张表")
    shown = said(page)
    assert "这张表不能用：\ntable.csv: 3 faults (rows are counted from 1 below the header):" in shown
    assert "- column 'b': 2 values are missing (NaN), in rows 1 and 2; fill in a number" in shown
    assert data_of(page)["name"] == "xor"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a,y\n" + "1,0\n2,1\n" * 2501, "at most 5000 rows, 40 columns with the target and 10 MB"),
        (",".join(f"c{i}" for i in range(41)) + "\n", "at most 5000 rows, 40 columns"),
        ("," * 1_000_000, "at most 5000 rows, 40 columns"),
        ("a,y\n" + "".join(f"{i},w{i % 21}\n" for i in range(63)), "This page shows up to 20 classes"),
        ("a,y\n1,\0\n", "line 2 of the file holds a zero byte"),
        ("", "the file is empty"),
        ('"' + "a" * 1_000_000, "the file holds only blank lines"),
    ],
    ids=["rows", "columns", "separators", "classes", "zero", "nothing", "one-line"],
)
def test_tables_that_this_page_refuses(own, text, sentence):
    page = own()
    use_table(page, text)
    assert sentence in said(page) and data_of(page)["name"] == "xor"


def test_hostile_names_and_cells_are_only_text(own):
    page = own()
    rows = "".join(
        f"{i},{i * i % 7},{HOSTILE if i % 2 else '</script><script>window.harmed=1</script>'}\n" for i in range(12)
    )
    use_table(page, f"{HOSTILE},__proto__,constructor\n{rows}")
    found = data_of(page)["own"]
    assert found["feature_names"] == [HOSTILE, "__proto__"] and HOSTILE in found["class_names"]
    use_table(page, f"{HOSTILE},y\n" + f"{HOSTILE},1\n" * 6)
    assert f"column '{HOSTILE}' holds text ('{HOSTILE}', first in row 1)" in said(page)
    assert page.locator("img").count() == 0
    assert page.evaluate("window.harmed === undefined")
