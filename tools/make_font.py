"""Make the bundled Chinese font: a subset of Noto Sans CJK SC that covers GB2312, Latin-1, Greek and the symbols used.

Needs fontTools and Debian's package fonts-noto-cjk; the result goes into the source tree and is what the wheel ships.

    python tools/make_font.py /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc
"""

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

ROOT = Path(__file__).parent.parent / "src/unbend"
TARGET = ROOT / "drawing/fonts/UnbendSans-Regular.otf"
LETTERS = ROOT / "report/templates/letters.woff"  # Latin, Greek and symbols for figures inside a page
FACE = "Noto Sans CJK SC"
FAMILY = "Unbend Sans"  # its own name, so that a full Noto on the machine is never mistaken for the subset
SYMBOLS = "−±×÷·•…–—‘’“”′″‰√∞∑∏∫∂∇∈∉≤≥≠≈≡∝→←↑↓↔⇒✓✗●○■□▲△◆◇²³¹⁰⁴⁵⁶⁷⁸⁹⁻₀₁₂₃₄₅₆₇₈₉€"


def gb2312() -> set[int]:
    """Every code point of GB2312: 6763 characters, punctuation, kana, Greek, Cyrillic."""
    found: set[int] = set()
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            found.update(map(ord, bytes((row, cell)).decode("gb2312", errors="ignore")))
    return found


def wanted() -> set[int]:
    """The code points to keep."""
    latin, greek = set(range(0x20, 0x7F)) | set(range(0xA0, 0x180)), set(range(0x370, 0x400))
    return gb2312() | latin | greek | set(map(ord, SYMBOLS))


def face(path: str) -> TTFont:
    """The Simplified Chinese face of the collection."""
    return next(font for font in TTCollection(path).fonts if font["name"].getDebugName(1) == FACE)


def rename(font: TTFont) -> None:
    """Give the subset its own family name and keep the copyright and the licence."""
    names = font["name"]
    for record in list(names.names):
        if record.nameID not in (0, 1, 2, 4, 5, 6, 13, 14) or record.platformID != 3 or record.langID != 0x409:
            names.removeNames(record.nameID, record.platformID, record.platEncID, record.langID)
    for identifier, text in ((1, FAMILY), (4, FAMILY), (6, "UnbendSans-Regular")):
        names.setName(text, identifier, 3, 1, 0x409)
    top = font["CFF "].cff
    top.fontNames = ["UnbendSans-Regular"]
    top[0].FullName = top[0].FamilyName = FAMILY


def reduce(font: TTFont, unicodes: set[int]) -> None:
    """Leave the glyphs of ``unicodes`` and the tables that drawing needs."""
    options = Options(
        hinting=False, desubroutinize=False, layout_features=["kern"], name_IDs=["*"], notdef_outline=True
    )
    options.drop_tables += ["BASE", "VORG", "vhea", "vmtx", "GSUB", "DSIG"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=unicodes)
    subsetter.subset(font)


def write(font: TTFont, path: Path) -> None:
    """Save ``font``; the same input gives the same file."""
    font.recalcTimestamp = False
    font.save(path)
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB, {font['maxp'].numGlyphs} glyphs")


def main() -> None:
    """Subset, rename, write; then the letters alone, compressed for pages."""
    font = face(sys.argv[1])
    reduce(font, wanted())
    rename(font)
    write(font, TARGET)
    letters = TTFont(TARGET)
    reduce(letters, set(range(0x20, 0x7F)) | set(range(0x391, 0x3CA)) | set(map(ord, SYMBOLS)))
    letters.flavor = "woff"
    write(letters, LETTERS)


if __name__ == "__main__":
    main()
