"""The OCR engine: RapidOCR with the PP-OCR models that its wheel carries, offline; the extra `ocr`."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np

from extractor.errors import UnreadableInput

Picture = np.ndarray[Any, Any]
NEEDED = ("rapidocr", "onnxruntime", "cv2")
INSTALL = "pip install 'extractor[ocr]'"
VERSION = "rapidocr-3.10.0"
_BATCH = 6
_threads = -1


class Read(NamedTuple):
    """What a strip of a picture says, and how sure the engine is of it, 0 to 1."""

    text: str
    confidence: float


def missing() -> list[str]:
    """The packages of the extra that are not installed."""
    return [name for name in NEEDED if find_spec(name) is None]


def required(name: str) -> None:
    """Raises `UnreadableInput` with the command that installs what reading a picture needs."""
    if missing():
        raise UnreadableInput(f"{name}: scans are read with an optional part; install it: {INSTALL}")


@cache
def _engine(threads: int) -> Any:
    import cv2
    from rapidocr import RapidOCR

    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    cv2.setNumThreads(threads)
    return RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.use_cls": False,
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Det.limit_side_len": 736,
            "Rec.rec_batch_num": _BATCH,
        }
    )


def bounded(threads: int) -> None:
    """Let the engine and OpenCV use so many threads in this process, from before its first reading on."""
    global _threads
    _threads = threads


def engine() -> Any:
    """The one engine of this process."""
    return _engine(_threads)


def strips(picture: Picture) -> np.ndarray[Any, Any]:
    """Where lines of text stand, as boxes of four corners in pixels, shape (n, 4, 2)."""
    found = engine()._load_det_model()(picture)
    return np.zeros((0, 4, 2)) if found.boxes is None else np.asarray(found.boxes)


def texts(pieces: Sequence[Picture]) -> list[Read]:
    """What each strip says."""
    from rapidocr.ch_ppocr_rec import TextRecInput

    if not pieces:
        return []
    found = engine()._load_rec_model()(TextRecInput(img=list(pieces)))
    return [Read(text, float(score)) for text, score in zip(found.txts, found.scores, strict=True)]


def upside_down(pieces: Sequence[Picture]) -> float:
    """The share of strips that stand on their heads; one strip alone is no proof, so it is a vote."""
    if not pieces:
        return 0.0
    found = engine()._load_cls_model()(list(pieces))
    turned = [bool("180" in label and score > 0.8) for label, score in found.cls_res]
    return sum(turned) / len(turned)
