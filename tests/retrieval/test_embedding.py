"""Embedding: the fast path gives the same vectors, the weights are checked, nothing is fetched."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from time import sleep

import numpy as np
import pytest
from safetensors.numpy import load_file

from errors import Unavailable
from evals.tuning import write_layers
from retrieval import embedding, weights
from retrieval.embedding import Embedder, load_embedder, load_tuned

TEXTS = ["what is anhedonia", "the dogs are called Walter White and Wilma", "x", "é ñ ü 漢字"]


def test_every_vector_has_length_one_and_the_same_text_the_same_vector(embedder: Embedder):
    vectors = embedder.embed(TEXTS)

    assert vectors.shape == (4, 384) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.allclose(embedder.embed([TEXTS[1]])[0], vectors[1], atol=5e-2)


def test_the_fast_path_and_sentence_transformers_agree(embedder: Embedder):
    torch = load_embedder("all-MiniLM-L6-v2-torch")

    same = (torch.embed(TEXTS[:2]) * embedder.embed(TEXTS[:2])).sum(axis=1)
    assert (same > 0.99).all()


def test_a_text_that_is_being_embedded_is_waited_for_and_not_embedded_twice(embedder: Embedder):
    asked, go_on = [], Event()

    def slow(texts: Sequence[str]) -> embedding.Vectors:
        asked.append(list(texts))
        assert go_on.wait(10)
        return embedder.embed(texts)

    remember = embedding._remembering(slow)
    with ThreadPoolExecutor(2) as threads:
        first, second = (threads.submit(remember, TEXTS[:2]) for _ in range(2))
        while not asked:
            sleep(0.001)
        go_on.set()
        assert np.array_equal(first.result(10), second.result(10))
    assert asked == [TEXTS[:2]]


def test_an_embedder_that_broke_once_is_asked_again(embedder: Embedder):
    broken = [True]

    def mended(texts: Sequence[str]) -> embedding.Vectors:
        if broken.pop() if broken else False:
            raise ValueError("broken")
        return embedder.embed(texts)

    remember = embedding._remembering(mended)
    with pytest.raises(ValueError, match="broken"):
        remember(TEXTS)
    assert remember(TEXTS).shape == (4, 384)


def test_no_text_at_all_is_no_vector(embedder: Embedder):
    assert embedder.embed([]).shape == (0, 384)


def test_weights_that_are_not_the_ones_we_know_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(weights, "ONNX_SHA256", "0" * 64)

    with pytest.raises(Unavailable, match="make setup"):
        load_embedder()


def test_a_model_that_is_not_on_this_machine_is_named_and_not_fetched():
    with pytest.raises(Unavailable, match="FOREROOM_EMBEDDING_MODEL"):
        load_embedder("nobody/no-such-model")


def test_a_long_text_does_not_pad_the_short_ones_beside_it():
    assert embedding._batches([5, 200, 6, 7, 30]) == [[0, 2, 3], [4], [1]]
    assert [len(batch) for batch in embedding._batches([9] * 70)] == [32, 32, 6]


def test_layers_laid_over_the_model_change_what_they_change_and_no_more(embedder: Embedder, tmp_path: Path):
    layers = load_file(weights.packaged_torch_model() / "model.safetensors")
    write_layers(layers, tmp_path / "same.safetensors")
    other = "encoder.layer.5.output.dense.weight"
    write_layers(layers | {other: layers[other][::-1].copy()}, tmp_path / "other.safetensors")

    assert np.array_equal(load_tuned(tmp_path / "same.safetensors")(TEXTS), embedder.embed(TEXTS))
    assert not np.allclose(load_tuned(tmp_path / "other.safetensors")(TEXTS), embedder.embed(TEXTS), atol=0.1)


@pytest.mark.parametrize("kept", [0, 100, 5000])
def test_half_written_layers_are_refused(tmp_path: Path, kept: int):
    whole, half = tmp_path / "whole.safetensors", tmp_path / "half.safetensors"
    write_layers(load_file(weights.packaged_torch_model() / "model.safetensors"), whole)
    half.write_bytes(whole.read_bytes()[:kept])

    with pytest.raises(Unavailable, match="make setup"):
        load_tuned(half)
