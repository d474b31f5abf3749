"""The picture of a card and the cheat sheet: every text lies within the page and on no other."""

import warnings

import numpy as np
import pytest

import unbend as ub
from unbend.drawing import card_figure, cards_figure, style
from unbend.drawing.cheat_sheet import COLUMNS, ORDER, arranged, broken

SHAPES = (
    "tanh",
    "relu",
    "gelu",
    "selu",
    "step",
    "cube",
    "1/x",
    "log(x)",
    "x-x",
    "sin(3*x)",
    "hard_sigmoid_keras2",
    "tan(x)",
)


def _boxes(canvas):
    """Every text but the numbers at the axes, with the place it takes."""
    renderer = canvas.canvas.get_renderer()
    legends = [*canvas.legends, *(axes.get_legend() for axes in canvas.axes if axes.get_legend())]
    texts = [*canvas.texts, *(text for legend in legends for text in legend.get_texts())]
    texts += [text for axes in canvas.axes for text in (*axes.texts, axes.xaxis.label)]
    return [(text.get_text(), text.get_window_extent(renderer)) for text in texts if text.get_text().strip()]


def _drawn(figure):
    with style.settings():
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        FigureCanvasAgg(figure.canvas)
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # such as a missing glyph
            figure.canvas.canvas.draw()
        return _boxes(figure.canvas)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", SHAPES)
def test_the_card_keeps_its_words_apart(name, lang):
    figure = card_figure(ub.card(name), lang)
    width, height = figure.canvas.get_size_inches() * figure.canvas.dpi
    boxes = _drawn(figure)
    column = [box for _, box in boxes if box.x0 > 0.66 * width]
    for text, box in boxes:
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height, text
    for place, box in enumerate(column):
        assert not any(box.overlaps(other) for other in column[place + 1 :]), name


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_cheat_sheet_is_an_a3_page_with_words_apart(lang):
    cards = ub.cards()
    figure = cards_figure(cards, lang)
    assert figure.canvas.get_size_inches() == pytest.approx([16.54, 11.69], abs=0.02)
    width, height = figure.canvas.get_size_inches() * figure.canvas.dpi
    boxes = _drawn(figure)
    for place, (text, box) in enumerate(boxes):
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height, text
        close = [other for other, its in boxes[place + 1 :] if box.overlaps(its)]
        assert not close, (text, close)
    assert {text.replace("\n", "") for text, _ in boxes} >= {card.name for card in cards}


def test_every_card_has_one_place_in_the_grid():
    cards = ub.cards()
    cells = arranged(cards)
    assert sorted(cell.card.name for cell in cells if cell.card) == sorted(card.name for card in cards)
    places = [(cell.row, cell.column) for cell in cells]
    assert len(set(places)) == len(places) and max(column for _, column in places) < COLUMNS
    assert [cell.group for cell in cells if cell.card is None] == list(ORDER)


def test_lines_break_where_they_may():
    text = "one two three four"
    for room in range(5, 20):
        assert " ".join(broken(text, room)) == text and max(map(len, broken(text, room))) <= room
    assert "".join(broken("从 |x| ≤ 10 起两侧都小于 0.01：学不动。", 9)).count("0.01") == 1


def test_figures_refuse_another_language():
    for draw in (ub.card("relu").figure, ub.cards(["relu"]).figure):
        with pytest.raises(ub.UnbendError, match="language"):
            draw("fr")


def test_the_curve_of_the_card_is_the_function():
    figure = card_figure(ub.card("tanh"))
    line = next(line for line in figure.canvas.axes[0].lines if line.get_label() == "value f(x)")
    assert np.nanmax(np.abs(np.tanh(line.get_xdata()) - line.get_ydata())) == 0
