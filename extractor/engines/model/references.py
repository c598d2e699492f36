"""References of a reply, resolved: from addresses and edge characters to places in the document.

    12              the whole line 12            14.3         cell 3 of line 14
    12-18           lines 12 to 18               12-15+18-20  two stretches of one text
    12-18|通过…。    from 通过 in line 12 to 。 in line 18
    12|通过…建+15|设…。   the same in two stretches, each with its own edges
    12|≥85家        a value as printed, in line 12
    |≥85家          the same, in the line of the value before

What a reference names is copied from the document; a value that does not stand where the reply says is looked
for nearby, then in all the lines that were shown, and is otherwise kept without a place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from extractor.document import Line, Span
from extractor.drafts import Found
from extractor.engines.model.addresses import BLANK, ELLIPSIS, Piece, parsed
from extractor.engines.model.sheet import Range, Sheet
from extractor.folding import squeezed
from extractor.grounding import Index
from extractor.masking import MASK
from extractor.matching import Kind
from extractor.source import Source

_NEAR = 3


class BadReference(ValueError):
    """A reference that names nothing among the lines shown."""


@dataclass(frozen=True)
class Place:
    """Ranges of the table view that a reference names, and the literal value that it gives, if any.

    `exact` where the literal is just what stands at the ranges.
    """

    ranges: tuple[Range, ...]
    literal: str | None = None
    exact: bool = False


class Resolver:
    """Finds what references name among the lines that one call was shown."""

    def __init__(self, sheet: Sheet, lines: Sequence[Line], source: Source | None = None) -> None:
        """`source` is what is copied from, where the sheet shows the same text with parts blacked out."""
        self.sheet = sheet
        self.source = source or sheet.source
        self.lines: dict[int, Line] = {sheet.number(line): line for line in lines}
        if sheet.unit_line is not None:
            self.lines[sheet.number(sheet.unit_line)] = sheet.unit_line
        self.view = sheet.document.squeezed
        self._last = ""
        self._cursor = 0
        self._edges: dict[Piece, Range] = {}

    @cached_property
    def numbers(self) -> list[int]:
        """The numbers of the lines shown, in order."""
        return sorted(self.lines)

    @cached_property
    def _index(self) -> Index:
        return Index(self.sheet.document)

    def check(self, written: str) -> None:
        """Raises `BadReference` where an address is not among the lines shown, or its edges not in them."""
        for piece in parsed(written):
            if not piece.first or self._plainly_shown(piece):
                continue
            self._stretch(piece)
            if piece.text and ELLIPSIS.search(piece.text):
                self._edged(piece)

    def _plainly_shown(self, piece: Piece) -> bool:
        """Whether a piece without edges names whole lines that were shown."""
        if (piece.text and "…" in piece.text) or not (piece.first + piece.last).isdigit():
            return False
        first, last = int(piece.first), int(piece.last)
        return first <= last and first in self.lines and last in self.lines

    def text(self, written: str) -> Found | None:
        """The text that a reference names, None for a blank one."""
        place = self._place(written, "text")
        if place is None:
            return None
        found = self.source.found(place.ranges)
        if place.literal is None:
            return found
        if found is None or (
            squeezed(str(found.value)) != squeezed(place.literal) and MASK not in place.literal
        ):
            return Found(place.literal, found.spans if found else ())
        return found

    def value(self, written: str, kind: Kind) -> tuple[str, tuple[Range, ...]] | None:
        """A short value as printed and its ranges; None for a blank one."""
        place = self._place(written, kind)
        if place is None:
            return None
        if place.literal is not None:
            return place.literal, place.ranges
        found = self.source.found(place.ranges)
        return (str(found.value), place.ranges) if found else None

    def _place(self, written: str, kind: Kind) -> Place | None:
        """Where all the pieces stand; with a literal value where one of them is given by its words."""
        if not written or BLANK.fullmatch(written):
            return None
        place = self._pieced(parsed(written), kind)
        if place.literal is not None and not place.ranges:
            eager = parsed(written, eager=True)
            return self._pieced(eager, kind) if len(eager) > 1 else place
        return place

    def _pieced(self, pieces: Sequence[Piece], kind: Kind) -> Place:
        """Where the pieces stand, one after the other; nowhere if one of their literals does not."""
        if len(pieces) == 1:
            return self._piece(pieces[0], kind)
        ranges: list[Range] = []
        literals: list[str] = []
        for piece in pieces:
            place = self._piece(piece, kind)
            ranges += place.ranges
            literals.append(self._words(place))
            if place.literal is not None and not place.ranges:
                return Place((), "".join(p.text or "" for p in pieces))
        literal = any(piece.text and not ELLIPSIS.search(piece.text) for piece in pieces)
        return Place(tuple(ranges), "".join(literals) if literal else None)

    def _words(self, place: Place) -> str:
        if place.literal is not None:
            return place.literal
        found = self.source.found(place.ranges)
        return str(found.value) if found else ""

    def _piece(self, piece: Piece, kind: Kind) -> Place:
        if piece.first:
            if piece.first != self._last:
                self._cursor = 0
            self._last = piece.last
        else:
            piece = Piece(self._last, self._last, piece.text)
        if piece.text is None:
            return Place((self._stretch(piece),) if piece.first else ())
        exact = self._exactly(piece)
        if exact is not None:
            return Place((exact,), piece.text, exact=True)
        ranges = self._literal(piece, kind)
        if ranges is None and piece.first and ELLIPSIS.search(piece.text):
            return Place((self._edged(piece),))
        return Place(ranges or (), piece.text)

    def _line(self, address: str) -> Line:
        line = self.lines.get(int(address.split(".")[0]))
        if line is None:
            raise BadReference(f"line {address} was not shown")
        return line

    def _stretch(self, piece: Piece) -> Range:
        start = self._one(piece.first)[0]
        end = self._one(piece.last)[1]
        if end < start:
            raise BadReference(f"{piece.first}-{piece.last} runs backwards")
        return start, end

    def _one(self, address: str) -> Range:
        line = self._line(address)
        if "." not in address:
            return self.sheet.range_of(line)
        cells, n = self.sheet.cells(line), int(address.split(".")[1])
        if not 1 <= n <= len(cells):
            raise BadReference(f"there is no cell {address}")
        return cells[n - 1]

    def _squeezed(self, area: Range) -> Range:
        """The range's positions in the squeezed view."""
        starts = self.source.document.table_view.starts
        size = len(self.sheet.document.text)
        raw = (starts[area[0]] if area[0] < len(starts) else size, starts[area[1] - 1] + 1 if area[1] else 0)
        return self.view.position(raw[0]), self.view.position(raw[1])

    def _unsqueezed(self, start: int, end: int) -> Range:
        """A stretch of the squeezed view as a range of the table view."""
        view, starts = self.sheet.document.table_view, self.view.starts
        return view.position(starts[start]), view.position(starts[end - 1]) + 1

    def _edged(self, piece: Piece) -> Range:
        """The stretch from the first characters of its text on, up to the last ones."""
        if piece not in self._edges:
            self._edges[piece] = self._found_edges(piece)
        return self._edges[piece]

    def _found_edges(self, piece: Piece) -> Range:
        head, tail = (squeezed(part) for part in ELLIPSIS.split(piece.text or "", maxsplit=1))
        low, high = self._squeezed(self._stretch(piece))
        first_end = self._squeezed(self._one(piece.first))[1]
        start = self._edge(head, low, high, piece.first)
        if head and start >= first_end:
            raise BadReference(f"line {piece.first} does not hold “{head}”")
        end = high
        if tail:
            last = self.view.text.rfind(tail, start + len(head), high)
            if last < 0:
                raise BadReference(f"line {piece.last} does not hold “{tail}”")
            end = last + len(tail)
        return self._unsqueezed(start, end)

    def _edge(self, head: str, low: int, high: int, address: str) -> int:
        at = self.view.text.find(head, low, high) if head else low
        if at < 0:
            raise BadReference(f"line {address} does not hold “{head}”")
        return at

    def _exactly(self, piece: Piece) -> Range | None:
        """Where a literal stands in the lines that its address names."""
        if not piece.first or not piece.text:
            return None
        place = self._within(squeezed(piece.text), self._squeezed(self._stretch(piece)))
        if place is None:
            return None
        self._cursor = place[1]
        return self._unsqueezed(*place)

    def _literal(self, piece: Piece, kind: Kind) -> tuple[Range, ...] | None:
        """Where a literal stands near its lines, or else in one place of all the lines shown."""
        literal = piece.text or ""
        return None if ELLIPSIS.search(literal) else self._indexed(literal, piece, kind)

    def _within(self, wanted: str, area: Range) -> Range | None:
        """The value in an area, behind the value before it if it can be, and not in a longer figure."""
        found: list[int] = []
        at = self.view.text.find(wanted, *area) if wanted else -1
        while at >= 0:
            if not self._cuts(at, at + len(wanted)):
                found.append(at)
            at = self.view.text.find(wanted, at + 1, area[1])
        best = next((at for at in found if at >= self._cursor), found[0] if found else None)
        return None if best is None else (best, best + len(wanted))

    def _cuts(self, start: int, end: int) -> bool:
        """Whether the figure at a place goes on before or behind it."""
        text, starts = self.view.text, self.view.starts
        before = start > 0 and starts[start] - starts[start - 1] == 1
        behind = end < len(text) and starts[end] - starts[end - 1] == 1
        if text[start].isdigit() and before and (text[start - 1].isdigit() or text[start - 1] in ".,"):
            return text[start - 1].isdigit() or (start > 1 and text[start - 2].isdigit())
        if text[end - 1].isdigit() and behind and (text[end].isdigit() or text[end] in ".,"):
            return text[end].isdigit() or text[end + 1 : end + 2].isdigit()
        return False

    def _indexed(self, literal: str, piece: Piece, kind: Kind) -> tuple[Range, ...] | None:
        """A literal that is printed a little differently, or in lines other than those named."""
        for span in self._spans(piece):
            placement = self._index.place(literal, kind, span)
            if placement is not None:
                view = self.sheet.document.table_view
                return tuple((view.position(a), view.position(b - 1) + 1) for a, b in placement.spans)
        return None

    def _spans(self, piece: Piece) -> list[Span]:
        """Where to look, the nearest first: the lines named, those around them, all that were shown."""
        spans = [Span(self.lines[self.numbers[0]].start, self.lines[self.numbers[-1]].end)]
        if piece.first:
            first, last = (int(address.split(".")[0]) for address in (piece.first, piece.last))
            near = [n for n in self.numbers if first - _NEAR <= n <= last + _NEAR]
            spans.insert(0, Span(self.lines[near[0]].start, self.lines[near[-1]].end))
            spans.insert(0, Span(self._line(piece.first).start, self._line(piece.last).end))
        return spans


def _alike(a: str, b: str) -> bool:
    return squeezed(a) == squeezed(b)
