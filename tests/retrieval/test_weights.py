"""The packaged model rewritten as it is loaded: every matrix multiplied as bytes, and the same vectors."""

import numpy as np
import onnx
import onnxruntime
import pytest

from retrieval.embedding import Embedder
from retrieval.weights import in_whole_numbers, packaged_onnx_model

LAYERS, MATRICES = 6, 6  # of the model, and of a layer


@pytest.fixture(scope="module")
def rewritten() -> bytes:
    return in_whole_numbers(packaged_onnx_model())


def test_every_matrix_of_every_layer_is_multiplied_as_bytes_and_nothing_is_left_over(rewritten: bytes):
    graph = onnx.load_from_string(rewritten).graph
    read = {name for node in graph.node for name in node.input} | {output.name for output in graph.output}

    assert sum(node.op_type == "MatMulNBits" for node in graph.node) == LAYERS * MATRICES
    assert {one.name for one in graph.initializer} <= read
    assert all(read.intersection(node.output) for node in graph.node)


def test_the_rewritten_graph_says_what_the_packaged_one_says(rewritten: bytes, embedder: Embedder):
    ids = np.array([[101, 2054, 2003, 9617, 17666, 2072, 2401, 1029, 102]], np.int64)
    given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
    said = []
    for model in (packaged_onnx_model(), rewritten):
        session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        names = {entry.name for entry in session.get_inputs()}
        tokens = session.run(None, {name: value for name, value in given.items() if name in names})[0]
        said.append(tokens.mean(axis=1)[0] / np.linalg.norm(tokens.mean(axis=1)[0]))

    assert float(said[0] @ said[1]) > 0.998


def test_a_graph_without_such_matrices_is_left_as_it_is(rewritten: bytes):
    again = onnx.load_from_string(in_whole_numbers(rewritten)).graph

    assert [node.op_type for node in again.node] == [
        node.op_type for node in onnx.load_from_string(rewritten).graph.node
    ]
