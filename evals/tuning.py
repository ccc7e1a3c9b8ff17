"""Tunes the packaged encoder on labelled texts, and writes its layers as they are laid over the packaged model."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.weights import packaged_onnx_model, packaged_torch_model

EPOCHS, BATCH, LONGEST = 4, 32, 128  # rounds over the texts, texts in a step, tokens read of a text
RATE, HEAD_RATE = 8e-5, 1e-3  # of learning, at its highest
SHARPNESS = 16.0  # times a vector of length one, what the head sees
SOFTNESS = 0.05  # of every label's truth, spread over the others: examples are sometimes mislabelled
SLIPS = 0.25  # of the texts are typed with a slip each time they are seen
SHOWN = 50  # steps between two lines of progress

Singles = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Row:
    """One text to learn from."""

    text: str
    label: int


@dataclass(frozen=True, slots=True)
class Tuned:
    """The encoder's weights by their names, and the head over its vectors of length one."""

    state: dict[str, Singles]
    head: Singles  # (384, labels)
    bias: Singles  # (labels,)


Chances = Callable[[Sequence[str]], Singles]  # (texts, labels), each row adding up to one


def tune(rows_of: Callable[[int, Chances], list[Row]], labels: int, *, seed: int = 7) -> Tuned:
    """Tune all layers but the word vectors. `rows_of` gives the rows of a round, by its number and the model so far."""
    import torch
    from sentence_transformers import SentenceTransformer
    from torch import nn

    torch.manual_seed(seed)
    chance = random.Random(seed)
    loaded = SentenceTransformer(str(packaged_torch_model()), device="cpu")
    tokenizer: Any = loaded.tokenizer
    model: Any = loaded[0].auto_model
    model.embeddings.requires_grad_(False)
    head = nn.Linear(model.config.hidden_size, labels)

    def encoded(texts: Sequence[str]) -> Any:
        fed = tokenizer(list(texts), truncation=True, max_length=LONGEST, padding=True, return_tensors="pt")
        with torch.autocast("cpu", torch.bfloat16):
            tokens = model(**fed).last_hidden_state
        weights = fed["attention_mask"][:, :, None].float()
        mean = (tokens.float() * weights).sum(dim=1) / weights.sum(dim=1)
        return head(SHARPNESS * nn.functional.normalize(mean))

    def chances(texts: Sequence[str]) -> Singles:
        found = np.zeros((len(texts), labels), np.float32)
        model.eval()
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        with torch.no_grad():
            for first in range(0, len(order), BATCH):
                batch = order[first : first + BATCH]
                found[batch] = torch.softmax(encoded([texts[place] for place in batch]), dim=1).numpy()
        model.train()
        return found

    layers = [weights for weights in model.parameters() if weights.requires_grad]
    optimiser = torch.optim.AdamW(
        [{"params": layers, "lr": RATE}, {"params": head.parameters(), "lr": HEAD_RATE}], weight_decay=0.01, fused=True
    )
    model.train()
    step, steps = 0, 0
    for number in range(EPOCHS):
        rows = rows_of(number, chances)
        steps = step + (EPOCHS - number) * -(-len(rows) // BATCH)
        for batch in _batches(rows, chance):
            for group, highest in zip(optimiser.param_groups, (RATE, HEAD_RATE), strict=True):
                group["lr"] = highest * min(1.0, (step + 1) / 100, (steps - step) / steps)
            found = encoded([_typed(row.text, chance) for row in batch])
            wanted = torch.tensor([row.label for row in batch])
            loss = nn.functional.cross_entropy(found, wanted, label_smoothing=SOFTNESS)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_([*layers, *head.parameters()], 1.0)
            optimiser.step()
            step += 1
            if step % SHOWN == 0:
                print(f"step {step} of {steps}, loss {loss.item():.2f}", flush=True)
    return Tuned(
        {name: weights.detach().float().numpy() for name, weights in model.state_dict().items()},
        np.ascontiguousarray(SHARPNESS * head.weight.detach().numpy().T),
        head.bias.detach().numpy(),
    )


def write_layers(state: dict[str, Singles], path: Path) -> None:
    """Write the layers as the packaged file holds them, a byte a weight, with the place of each. Raises ValueError
    where the packaged file does not hold the packaged weights."""
    from safetensors.numpy import load_file, save_file

    packaged, model = load_file(packaged_torch_model() / "model.safetensors"), packaged_onnx_model()
    tensors: dict[str, NDArray[Any]] = {}
    places: dict[str, str] = {}
    for name, weights in packaged.items():
        if not name.startswith("encoder.layer."):
            continue
        for part, before, now in zip(("", ".scale"), _held(weights), _held(state[name]), strict=False):
            place = model.find(before.tobytes())
            if place < 0:
                raise ValueError(f"{name} is not in the packaged model; is it another version?")
            tensors[name + part], places[name + part] = now, str(place)
    save_file(tensors, path, metadata=places)


def read_layers(path: Path) -> dict[str, Singles]:
    """The layers of such a file as the model has them, (outputs, inputs) where they are matrices."""
    from safetensors.numpy import load_file

    held = load_file(path)
    return {
        name: (tensor.astype(np.float32) * held[f"{name}.scale"]).T if f"{name}.scale" in held else tensor
        for name, tensor in held.items()
        if not name.endswith(".scale")
    }


def _held(weights: Singles) -> tuple[NDArray[Any], ...]:
    """A tensor as the packaged file holds it: a matrix as whole numbers and what one is worth in each column."""
    if weights.ndim == 1:
        return (weights.astype(np.float32),)
    across = np.ascontiguousarray(weights.T, np.float32)
    scale = (np.abs(across).max(axis=0, keepdims=True) / np.float32(127)).astype(np.float32)
    return np.clip(np.round(across / scale), -127, 127).astype(np.int8), scale


def _batches(rows: list[Row], chance: random.Random) -> Iterator[list[Row]]:
    """The rows in chance order, in batches of much the same length."""
    rows = rows.copy()
    chance.shuffle(rows)
    found: list[list[Row]] = []
    for first in range(0, len(rows), BATCH * 16):
        near = sorted(rows[first : first + BATCH * 16], key=lambda row: len(row.text))
        found += [near[at : at + BATCH] for at in range(0, len(near), BATCH)]
    chance.shuffle(found)
    return iter(found)


def _typed(text: str, chance: random.Random) -> str:
    """The text, now and then with a slip: two letters swapped, one left out or doubled, or no marks at all."""
    if len(text) < 8 or chance.random() >= SLIPS:
        return text
    kind, at = chance.randrange(4), chance.randrange(1, len(text) - 2)
    if kind == 0:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    if kind == 2:
        return text[:at] + text[at] + text[at:]
    return "".join(letter for letter in text if letter not in ".,;:!?'’")
