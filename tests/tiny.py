"""A llama model of a few hundred kilobytes with random weights, for a real inference server in tests.

It says nothing sensible; what it says under a grammar is shaped by the grammar alone. Two things make that
useful: its tokens are single bytes (so that any text can be read and any grammar be satisfied), and one
channel of its residual stream is constant, so that the output layer's weights on that channel are a bias for
each token. The bias keeps it from writing raw bytes outside ASCII and lets it close strings and stop early.
"""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

Weights = NDArray[np.float32]
WIDTH, LAYERS, HEADS, KEY_HEADS, HIDDEN, CONTEXT = 64, 2, 4, 2, 128, 16384
CONSTANT = 4.0
MARKS = ("<|bos|>", "<|end|>")
TEMPLATE = "{% for m in messages %}[{{ m.role }}]\n{{ m.content }}\n{% endfor %}[assistant]\n"
FORBIDDEN, LIKELY, UNLIKELY, STOP = -60.0, 2.0, -3.0, 6.0


def byte_characters() -> list[str]:
    """The printable stand-in of each byte in byte-level vocabularies, by byte."""
    plain = {*range(33, 127), *range(161, 173), *range(174, 256)}
    spare = iter(range(256, 512))
    return [chr(byte) if byte in plain else chr(next(spare)) for byte in range(256)]


def bias() -> Weights:
    """What the output layer adds for each token, whatever was said before."""
    out = np.zeros(256 + len(MARKS), np.float32)
    out[:32] = out[127:256] = FORBIDDEN
    for byte in b'"]}':
        out[byte] = LIKELY
    out[ord(" ")] = UNLIKELY
    out[256], out[257] = FORBIDDEN, STOP
    return out


class _Maker:
    def __init__(self, path: Path, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.writer = gguf.GGUFWriter(str(path), "llama")

    def weights(self, rows: int, columns: int, mute: bool = False) -> Weights:
        """Small random weights; `mute` leaves the constant channel alone."""
        made: Weights = (self.random.standard_normal((rows, columns)) * 0.05).astype(np.float32)
        if mute:
            made[0] = 0
        return made

    def put(self, name: str, tensor: Weights) -> None:
        self.writer.add_tensor(f"{name}.weight", tensor)

    def head(self) -> None:
        w = self.writer
        tokens = byte_characters() + list(MARKS)
        w.add_name("tiny")
        w.add_context_length(CONTEXT)
        w.add_embedding_length(WIDTH)
        w.add_block_count(LAYERS)
        w.add_feed_forward_length(HIDDEN)
        w.add_head_count(HEADS)
        w.add_head_count_kv(KEY_HEADS)
        w.add_layer_norm_rms_eps(1e-5)
        w.add_rope_dimension_count(WIDTH // HEADS)
        w.add_vocab_size(len(tokens))
        w.add_file_type(gguf.LlamaFileType.ALL_F32)
        w.add_tokenizer_model("gpt2")
        w.add_tokenizer_pre("gpt-2")
        w.add_token_list(tokens)
        w.add_token_types([gguf.TokenType.NORMAL] * 256 + [gguf.TokenType.CONTROL] * len(MARKS))
        w.add_token_merges(["t r", "n u"])
        w.add_bos_token_id(256)
        w.add_eos_token_id(257)
        w.add_add_bos_token(False)
        w.add_chat_template(TEMPLATE)

    def body(self) -> None:
        embedding = self.weights(256 + len(MARKS), WIDTH)
        embedding[:, 0] = CONSTANT
        self.put("token_embd", embedding)
        keys = WIDTH // HEADS * KEY_HEADS
        for n in range(LAYERS):
            layer = f"blk.{n}"
            for norm in ("attn_norm", "ffn_norm"):
                self.put(f"{layer}.{norm}", np.ones(WIDTH, np.float32))
            self.put(f"{layer}.attn_q", self.weights(WIDTH, WIDTH))
            self.put(f"{layer}.attn_k", self.weights(keys, WIDTH))
            self.put(f"{layer}.attn_v", self.weights(keys, WIDTH))
            self.put(f"{layer}.attn_output", self.weights(WIDTH, WIDTH, mute=True))
            self.put(f"{layer}.ffn_gate", self.weights(HIDDEN, WIDTH))
            self.put(f"{layer}.ffn_up", self.weights(HIDDEN, WIDTH))
            self.put(f"{layer}.ffn_down", self.weights(WIDTH, HIDDEN, mute=True))
        self.put("output_norm", np.ones(WIDTH, np.float32))
        output = self.weights(256 + len(MARKS), WIDTH)
        # after the norm the constant channel holds nearly all of the stream's length: the root of its width
        output[:, 0] = bias() / np.sqrt(WIDTH)
        self.put("output", output)


def tiny_model(path: Path, seed: int = 0) -> Path:
    """Write the model to a file."""
    maker = _Maker(path, seed)
    maker.head()
    maker.body()
    maker.writer.write_header_to_file()
    maker.writer.write_kv_data_to_file()
    maker.writer.write_tensors_to_file()
    maker.writer.close()
    return path
