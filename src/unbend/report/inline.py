"""A figure as SVG inside a page: the same drawing once for all languages, small, with its words as words.

matplotlib writes every figure as an SVG file of its own; here the files of several languages are laid over each other,
so that only what differs stands there twice.
"""

import io
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from functools import lru_cache
from itertools import groupby
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from unbend.drawing import Figure

SVG, LINK = "http://www.w3.org/2000/svg", "{http://www.w3.org/1999/xlink}href"
KEPT_IDS = ("clipPath", "path", "image", "marker", "linearGradient", "pattern")
LEFT_OUT = ("metadata", "style")
NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
VERTEX = re.compile(r"([ML])\s+(\S+)\s+(\S+)")
POLYLINE = re.compile(r"(?:[ML]\s+\S+\s+\S+\s*){8,}z?\s*")
UNTURNED = re.compile(r"rotate\(-?0(\.0)? .*\)")
FONT = re.compile(r"font-family:[^;]*;")  # the page has its own
IMAGE = "data:image/png;base64,"
QUALITY, OF_POINTS = 92, 72  # of soft fields; of points on a transparent ground
FEW_COLORS = 64
MANY = 8  # points


def inline_svg(figures: Mapping[str, Figure], name: str) -> str:
    """One ``<svg>`` for a page; ``figures`` by code of their language, as in ``lang="zh-CN"``; ``name`` is unlike any
    other's on the page."""
    trees = {code: _tree(figure) for code, figure in figures.items()}
    merged = _merged(list(trees.items()))[0] if len(trees) > 1 else next(iter(trees.values()))
    return ElementTree.tostring(_named(_flat(merged), name), encoding="unicode")


def _tree(figure: Figure) -> Element:
    """The SVG of a figure, without what a page does not need."""
    from unbend.drawing import style

    buffer = io.BytesIO()
    with style.settings(words_as_paths=False):
        figure.canvas.savefig(buffer, format="svg", dpi=1.5 * style.DPI, metadata={"Date": None})
    return _lean(ElementTree.fromstring(buffer.getvalue()))


def _lean(element: Element) -> Element:
    """The element without namespaces, comments, blanks, names that nothing refers to, and digits that nobody sees."""
    tag = element.tag.removeprefix(f"{{{SVG}}}")
    attributes = {name.replace(LINK, "href"): _attribute(name, value) for name, value in element.items()}
    if UNTURNED.fullmatch(attributes.get("transform", "")):
        del attributes["transform"]
    if tag not in KEPT_IDS:
        attributes.pop("id", None)
    lean = Element(tag, attributes)
    lean.text = (element.text or "").strip() or None
    children = [_lean(child) for child in element if not str(child.tag).endswith(LEFT_OUT)]
    lean.extend(_pointed([child for child in children if not _empty(child)]))
    return lean


def _pointed(children: list[Element]) -> list[Element]:
    """The same children; many of one look at many places, as points are drawn, become markers of one path."""
    found: list[Element] = []
    for look, alike in groupby(children, key=_look):
        run = list(alike)
        found += run if not look or len(run) < MANY else _markers(run, f"{look[0].removeprefix('#')}-{len(found)}")
    return found


def _look(element: Element) -> tuple[str, str] | None:
    """What is used and in which style, for an element that only places another."""
    return (element.get("href", ""), element.get("style", "")) if element.tag == "use" else None


def _markers(run: list[Element], name: str) -> list[Element]:
    marker = Element("marker", {"id": name, "overflow": "visible", "markerUnits": "userSpaceOnUse"})
    marker.append(Element("use", {key: value for key, value in run[0].items() if key not in ("x", "y")}))
    places = " ".join(f"{one.get('x')} {one.get('y')}" for one in run)
    ends = {f"marker-{where}": f"url(#{name})" for where in ("start", "mid", "end")}
    return [marker, Element("path", {"d": f"M{places}", "style": "fill:none", **ends})]


def _empty(element: Element) -> bool:
    return element.tag in ("g", "defs") and len(element) == 0


def _attribute(name: str, value: str) -> str:
    if value.startswith(IMAGE):
        return _smaller(value)
    if name == "d":
        return _steps(value) if POLYLINE.fullmatch(value) else re.sub(r" ?([A-Za-z]) ?", r"\1", _short(value))
    if name == "style":
        return FONT.sub("", _short(value).replace(": ", ":").replace("; ", ";"))
    if name in ("transform", "x", "y", "width", "height", "points"):
        return _short(value)
    return value


def _short(value: str) -> str:
    """Two decimals are a hundredth of a point; blanks between commands are not needed."""
    rounded = NUMBER.sub(lambda match: f"{float(match[0]):.2f}".rstrip("0").rstrip("."), value)
    return re.sub(r"\s+", " ", rounded).strip()


def _steps(polyline: str) -> str:
    """Polylines as steps of tenths of a point, each from where the rounded one before has ended."""
    written: list[str] = []
    x = y = 0
    for command, right, down in VERTEX.findall(polyline):
        to_x, to_y = round(10 * float(right)), round(10 * float(down))
        if command == "M":
            written.append(f"M{_tenths(to_x)} {_tenths(to_y)}l")
        elif (to_x, to_y) != (x, y):
            written.append(f"{_tenths(to_x - x)} {_tenths(to_y - y)} ")
        x, y = to_x, to_y
    return "".join(written).replace(" -", "-").replace(" M", "M").rstrip(" l") + ("z" if "z" in polyline else "")


def _tenths(value: int) -> str:
    return f"{value / 10:g}".replace("0.", ".") if abs(value) < 10 and value else f"{value / 10:g}"


@lru_cache(maxsize=32)  # the languages share their images
def _smaller(image: str) -> str:
    """A PNG as WebP, which takes a third; flat areas of few colours stay as they are."""
    from PIL import Image

    buffer = io.BytesIO()
    with Image.open(io.BytesIO(b64decode(image.removeprefix(IMAGE)))) as picture:
        clear = picture.mode == "RGBA" and picture.getchannel("A").histogram()[-1] < picture.width * picture.height
        flat = picture.getcolors(FEW_COLORS) is not None
        quality = OF_POINTS if clear else QUALITY
        picture.save(buffer, format="WEBP", lossless=flat, quality=quality, method=2)
    return "data:image/webp;base64," + b64encode(buffer.getvalue()).decode()


def _merged(versions: list[tuple[str, Element]]) -> list[Element]:
    """One element where all languages agree, else one for each, or the same element with merged children."""
    first = versions[0][1]
    if len({ElementTree.tostring(element) for _, element in versions}) == 1:
        return [first]
    alike = len({(element.tag, tuple(element.items()), element.text, len(element)) for _, element in versions}) == 1
    if not alike or len(first) == 0:
        return [_in_language(code, element) for code, element in versions]
    both = Element(first.tag, dict(first.items()))
    for children in zip(*(element for _, element in versions), strict=True):
        both.extend(_merged([(code, child) for (code, _), child in zip(versions, children, strict=True)]))
    return [both]


def _in_language(code: str, element: Element) -> Element:
    element.set("lang", code)
    return element


def _flat(element: Element) -> Element:
    """The same without groups that say nothing of their own."""
    flat = Element(element.tag, dict(element.items()))
    flat.text = element.text
    for child in map(_flat, element):
        flat.extend(child if child.tag == "g" and not child.items() else [child])
    return flat


def _named(element: Element, name: str) -> Element:
    """The same with ``name`` before every id and every reference to one, so that pictures of a page keep apart."""
    for one in element.iter():
        for key, value in one.items():
            if key == "id":
                one.set(key, f"{name}-{value}")
            elif key == "href" and value.startswith("#"):
                one.set(key, f"#{name}-{value[1:]}")
            elif "url(#" in value:
                one.set(key, value.replace("url(#", f"url(#{name}-"))
    return element
