"""The state of a handgrad run in PyTorch: reads state.safetensors, and writes it back.

    import run_state
    state = run_state.load("runs/seed-1/state.safetensors")
    run_state.restore(state, model, optimizer, schedule)       # model.load_state_dict(strict=True) and the rest
    ...train an epoch, as the run would...
    run_state.write(path, run_state.after_epoch(state, model, optimizer, schedule, event))

`handgrad train --resume <folder>` goes on with what was written. The layout of the file:
    model.<name>            the model's state dict
    best.<name>             that of the epoch with the least loss in validation; none before the first has ended
    optimizer.<i>.<key>     what the optimizer keeps for parameter i (momentum_buffer; step, exp_avg, exp_avg_sq)
    generator.default       [5056] uint8, torch.get_rng_state()
and as JSON in the metadata's `run`: config, images, data (dataset, folder, digest), sampler (epochs that are finished),
optimizer (parameters, options), schedule (how often it was stepped, and the rate; null for a constant one), history (an
object per epoch). The metadata's `crc32` is the checksum of the whole file, with zeros in its own place. A state within an
epoch (`within`) goes on in handgrad only.
"""

import copy
import json
import os
import zlib
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save

MARK, VERSION = "handgrad.run-state", "2"
BLANK = b"0" * 8
OPTIONS = {"weightDecay": "weight_decay"}


@dataclass
class RunState:
    model: dict  # the model's state dict
    best: dict  # that of the best epoch, perhaps empty
    kept: list  # per parameter, what the optimizer keeps
    generator: torch.Tensor  # torch.get_rng_state()
    run: dict  # config, images, data, sampler, optimizer, schedule, history

    @property
    def config(self):
        return self.run["config"]


def load(path):
    """Reads a state; a ValueError says what it is not."""
    with safe_open(path, "pt") as file:
        metadata = file.metadata() or {}
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    if metadata.get(MARK) not in ("1", VERSION):
        raise ValueError(f"{path} is not a run state of version {VERSION}")
    if metadata[MARK] != "1":
        check(path, metadata.get("crc32", ""))
    run = json.loads(metadata["run"])
    if "within" in run:
        raise ValueError(f"{path} stands within an epoch: handgrad train --resume goes on with it")

    def under(prefix):
        return {name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)}

    kept = [under(f"optimizer.{i}.") for i in range(run["optimizer"]["parameters"])]
    return RunState(under("model."), under("best."), kept, tensors["generator.default"], run)


def check(path, stated):
    data = Path(path).read_bytes()
    field = b'"crc32":"' + stated.encode() + b'"'
    blank = data.replace(field, b'"crc32":"' + BLANK + b'"', 1)
    if len(stated) != 8 or field not in data or f"{zlib.crc32(blank):08x}" != stated:
        raise ValueError(f"{path} is damaged: its bytes are not those of its checksum")


def seal(data):
    field = b'"crc32":"' + BLANK + b'"'
    return data.replace(field, field.replace(BLANK, f"{zlib.crc32(data):08x}".encode()), 1)


def encode(state):
    tensors = {f"model.{name}": value for name, value in state.model.items()}
    tensors |= {f"best.{name}": value for name, value in state.best.items()}
    for i, kept in enumerate(state.kept):
        tensors |= {f"optimizer.{i}.{key}": value for key, value in kept.items()}
    tensors["generator.default"] = state.generator
    whole = {name: value.detach().clone().contiguous() for name, value in tensors.items()}
    metadata = {"format": "pt", MARK: VERSION, "crc32": BLANK.decode(), "run": json.dumps(state.run)}
    return seal(save(whole, metadata))


def write(path, state):
    """Writes a state whole: a process that is killed leaves the file as it was before."""
    temporary = Path(f"{path}.{os.getpid()}.tmp")
    with open(temporary, "wb") as file:
        file.write(encode(state))
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def restore(state, model, optimizer, schedule=None):
    """Puts a state into a model, its optimizer, the schedule of its rate, and torch's generator."""
    model.load_state_dict(state.model, strict=True)
    options = {OPTIONS.get(name, name): value for name, value in state.run["optimizer"]["options"].items()}
    groups = optimizer.state_dict()["param_groups"]
    groups[0] |= options
    optimizer.load_state_dict({"state": {i: kept for i, kept in enumerate(state.kept) if kept}, "param_groups": groups})
    if schedule is not None:
        schedule.last_epoch = state.run["schedule"]["lastEpoch"]
        schedule._step_count = schedule.last_epoch + 1
        schedule._last_lr = [options["lr"]]
    torch.set_rng_state(state.generator)


def after_epoch(state, model, optimizer, schedule, event):
    """The state after one more epoch, whose measures are `event`."""
    run = copy.deepcopy(state.run)
    kept = [{key: value for key, value in optimizer.state[p].items() if value is not None} for p in model.parameters()]
    lr = optimizer.param_groups[0]["lr"]
    run["optimizer"]["options"]["lr"] = lr
    run["schedule"] = None if schedule is None else {"lastEpoch": schedule.last_epoch, "lr": lr}
    former = [epoch["validationLoss"] for epoch in run["history"]]
    model = model.state_dict()
    is_best = event["validationLoss"] < min(former, default=float("inf"))
    best = {name: value.clone() for name, value in model.items()} if is_best else state.best
    run["history"].append(event)
    run["sampler"] = {"epoch": len(run["history"]), "batch": 0}
    return RunState(model, best, kept, torch.get_rng_state(), run)
