"""What was noticed about a table or done to it, as a sentence in two languages."""


class Note(str):
    """An English sentence that knows its Chinese; a plain string everywhere else.

    >>> note = Note("column 'a' is dropped", "已去掉列 'a'")
    >>> print(note, note.said("zh"))
    column 'a' is dropped 已去掉列 'a'
    """

    __slots__ = ("chinese",)
    chinese: str

    def __new__(cls, english: str, chinese: str) -> "Note":
        """The sentence in both languages."""
        note = super().__new__(cls, english)
        note.chinese = chinese
        return note

    def __getnewargs__(self) -> tuple[str, str]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """What a copy in another process is made from."""
        return str(self), self.chinese

    def said(self, lang: str) -> str:
        """The sentence in ``en`` or ``zh``."""
        return self.chinese if lang == "zh" else str(self)
