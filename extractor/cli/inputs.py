"""What to read: files, folders and standard input, each with the name its results will have."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path

from extractor.cli.own import is_own
from extractor.errors import InputError, UnreadableInput

SUFFIXES = frozenset(
    (
        "", ".txt", ".text", ".tsv", ".csv", ".md", ".htm", ".html", ".xhtml", ".pdf", ".png", ".jpg",
        ".jpeg", ".jpe", ".tif", ".tiff", ".bmp", ".webp", ".gif", ".heic", ".docx", ".docm", ".xlsx",
        ".xlsm", ".doc", ".xls", ".wps", ".et", ".rtf", ".odt", ".ods",
    )
)  # fmt: skip
_RESERVED = Path("manifest")


@dataclass(frozen=True)
class Patterns:
    """Which files of a folder are wanted: by name or by path below the folder, as shells match them."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def want(self, relative: Path) -> bool:
        """Whether a file is wanted; without patterns every file of a kind that is read."""
        return (not self.include or _any(relative, self.include)) and not _any(relative, self.exclude)


def _any(path: Path, patterns: Sequence[str]) -> bool:
    """Whether a path or its name is like a pattern, or lies below a folder that is; case does not matter."""
    name, whole = path.name.casefold(), path.as_posix().casefold()
    return any(
        fnmatch(name, one) or fnmatch(whole, one) or fnmatch(whole, f"{one.rstrip('/')}/*")
        for one in map(str.casefold, patterns)
    )


def readable(name: str) -> str:
    """A file's name as text; bytes of GB18030, as archives from Windows leave them, are read as that."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name).decode("gb18030", "replace")
    return name


@dataclass(frozen=True)
class Source:
    """One document to read: `path` (None for standard input) and the stem of its results.

    `data` is what was read already of what can be read only once.
    """

    path: Path | None
    stem: Path
    from_folder: bool = False
    data: bytes | None = None

    @property
    def label(self) -> str:
        """What it is called in a manifest: the path as it was given or found."""
        return readable(self.path.as_posix()) if self.path else "-"

    def settled(self, most: int) -> Source:
        """The source, with its bytes where they can be read only once; raises `UnreadableInput`."""
        if self.path is not None and (self.path.is_file() or not self.path.exists()):
            return self
        return replace(self, data=self.read(most))

    @property
    def name(self) -> str:
        """The name to show and to keep in the result."""
        return readable(self.path.name) if self.path else "-"

    def read(self, max_bytes: int) -> bytes:
        """The bytes, one more than allowed where there are more; raises `UnreadableInput`."""
        try:
            if self.data is not None:
                return self.data
            if self.path is None:
                return sys.stdin.buffer.read(max_bytes + 1)
            with self.path.open("rb") as file:
                return file.read(max_bytes + 1)
        except OSError as error:
            raise UnreadableInput(f"{self.path}: {error.strerror or error}") from error


@dataclass(frozen=True)
class Inputs:
    """The documents to read, the files of a folder that were passed over, and folders that cannot be opened.

    `skipped` and `unread` hold paths with the reason.
    """

    sources: tuple[Source, ...]
    skipped: tuple[tuple[str, str], ...] = ()
    unread: tuple[tuple[str, str], ...] = ()


def collected(words: Sequence[str], output: Path | None, patterns: Patterns = Patterns()) -> Inputs:
    """The inputs named on the command line; raises `InputError` where there is nothing to read."""
    sources: list[Source] = []
    skipped: list[tuple[str, str]] = []
    unread: list[tuple[str, str]] = []
    for word in words:
        path = Path(word)
        if word == "-":
            sources.append(Source(None, Path("stdin")))
        elif path.is_dir():
            found = _folder(path, output, patterns)
            sources += found.sources
            skipped += found.skipped
            unread += found.unread
        elif path.exists():
            sources.append(Source(path, Path(path.stem)))
        else:
            raise UnreadableInput(f"{word}: no such file or folder")
    if not sources and unread:
        raise UnreadableInput(f"{unread[0][0]}: {unread[0][1]}")
    if not sources:
        raise InputError(f"{', '.join(words)}: no documents to read")
    return Inputs(tuple(_unclashed(sources)), tuple(skipped), tuple(unread))


def _folder(folder: Path, output: Path | None, patterns: Patterns) -> Inputs:
    sources: list[Source] = []
    skipped: list[tuple[str, str]] = []
    unread: list[tuple[str, str]] = []

    def closed(error: OSError) -> None:
        unread.append((str(error.filename), error.strerror or str(error)))

    for path in _files(folder, output, closed):
        relative = path.relative_to(folder)
        if not patterns.want(relative):
            continue
        reason = _reason_to_skip(path, bool(patterns.include))
        if reason is None:
            sources.append(Source(path, relative.with_suffix(""), from_folder=True))
        elif reason:
            skipped.append((str(path), reason))
    return Inputs(tuple(sources), tuple(skipped), tuple(unread))


def _files(folder: Path, output: Path | None, closed: Callable[[OSError], None]) -> Iterator[Path]:
    """The files below a folder in a fixed order, and links to folders, which are not followed.

    The output is left out, as are hidden files and those by which office programs lock a document;
    `closed` is told of a folder that cannot be opened.
    """
    own = output.resolve() if output else None
    for base, folders, names in os.walk(folder, onerror=closed):
        here = Path(base)
        inside = (
            own is not None
            and own != folder.resolve()
            and (here.resolve() == own or own in here.resolve().parents)
        )
        if inside:
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (here / name for name in folders if (here / name).is_symlink())
        yield from (here / name for name in sorted(names) if not name.startswith((".", "~$")))


def _reason_to_skip(path: Path, asked_for: bool) -> str | None:
    """Why a file of a folder is no input: "" for what the tool itself wrote, None where it is one."""
    suffix = path.suffix.lower()
    if path.is_dir():
        return "a link to a folder, which is not followed"
    if suffix == ".json":
        return ""
    if suffix not in SUFFIXES and not asked_for:
        return f"{path.suffix} files are not read"
    if not path.is_file() and path.exists():
        return "not a regular file"
    return "" if is_own(path) else None


def _unclashed(sources: Sequence[Source]) -> Iterator[Source]:
    """Sources with the file's ending kept in the stem where two would clash."""
    counts = Counter(source.stem for source in sources)
    taken: set[Path] = set()
    for source in sources:
        stem = source.stem
        if (counts[stem] > 1 or stem == _RESERVED) and source.path is not None:
            stem = stem.with_name(source.path.name)
        n = 2
        while stem in taken:
            stem = stem.with_name(f"{source.stem.name}-{n}")
            n += 1
        taken.add(stem)
        yield replace(source, stem=stem)
