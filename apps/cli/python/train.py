"""Goes on with a handgrad run in PyTorch: in this process, or in many.

    python train.py
    torchrun --nproc-per-node 2 train.py
    torchrun --nnodes 4 --nproc-per-node 8 --rdzv-backend c10d --rdzv-endpoint host:29500 train.py --data-dir <folder>

The weights, the optimizer, the schedule and the random generator stand where the run left them, in state.safetensors, so
the batches are the ones that the run would have taken. Each process computes its share of every batch, and
DistributedDataParallel puts the gradients together: the size of a batch stays the same on any number of processes.

After each epoch state.safetensors is written again, and `handgrad train --resume <this folder>` can take over.
"""

import argparse
import gzip
import hashlib
import json
import os
import time
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, TensorDataset, random_split

import run_state

STATE = Path(__file__).parent / "state.safetensors"
DATA = "<data folder>"
MEAN, STD = 0.0, 1.0  # of the training images' grey values


def network():
    return nn.Sequential()


def idx(folder, name):
    """The bytes of an IDX file behind its header, which states how many axes there are; under each name it may have."""
    names = [each + end for end in ("", ".gz") for each in (name, name.replace("-idx", ".idx"))]
    paths = [folder / path for each in names for path in (each, f"{each}/{each}")]
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        raise SystemExit(f"{folder}: has no {name}")
    content = path.read_bytes()
    content = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
    return content[4 + 4 * content[3] :]


def part_of(folder, part):
    return idx(folder, f"{part}-images-idx3-ubyte"), idx(folder, f"{part}-labels-idx1-ubyte")


def digest(folder):
    """What the state calls the data's digest: all pixels and labels, see handgrad's README on state.safetensors."""
    parts = [[hashlib.sha256(values).hexdigest() for values in part_of(folder, part)] for part in ("train", "t10k")]
    lines = "".join(f"[1,28,28] {pixels} {labels}\n" for pixels, labels in parts)
    return f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"


def images(folder, part, limit):
    grey, labels = (torch.frombuffer(bytearray(values), dtype=torch.uint8) for values in part_of(folder, part))
    grey, labels = grey.reshape(-1, 1, 28, 28)[:limit], labels[:limit].long()
    return TensorDataset(grey.float().div(255).sub_(torch.tensor(MEAN)).div_(torch.tensor(STD)), labels)


def shifted(x, most):
    """Every image moved by up to `most` pixels, down and right, over the background."""
    if most == 0:
        return x
    background = float((torch.tensor(0.0) - torch.tensor(MEAN)) / torch.tensor(STD))
    wide = nn.functional.pad(x, (most,) * 4, value=background)
    moves = torch.randint(-most, most + 1, (len(x), 2))
    height, width = x.shape[2:]
    corners = (most - moves).tolist()
    return torch.stack([image[:, top : top + height, left : left + width] for image, (top, left) in zip(wide, corners)])


def new_optimizer(parameters, config):
    if config["optimizer"] == "adam":
        return torch.optim.Adam(parameters, lr=config["lr"])
    return torch.optim.SGD(parameters, lr=config["lr"], momentum=config["momentum"])


def new_schedule(optimizer, config, steps_per_epoch):
    """The schedule of the learning rate, and whether it moves after every batch."""
    epochs = config["epochs"]
    if config["schedule"] == "one-cycle":
        cycle = {"epochs": epochs, "steps_per_epoch": steps_per_epoch, "cycle_momentum": False}
        return torch.optim.lr_scheduler.OneCycleLR(optimizer, config["lr"], **cycle), True
    if config["schedule"] == "step":
        return torch.optim.lr_scheduler.StepLR(optimizer, max(1, -(-epochs // 3))), False
    return None, False


class Pass:
    """The loss and the right answers of a pass over some images, of all processes together."""

    def __init__(self):
        self.sums = torch.zeros(3, dtype=torch.float64)
        self.began = time.perf_counter()

    def add(self, loss, logits, y):
        self.sums += torch.tensor([float(loss), float((logits.argmax(1) == y).sum()), len(y)], dtype=torch.float64)

    def result(self):
        if dist.is_initialized():
            dist.all_reduce(self.sums)
        loss, right, count = self.sums.tolist()
        return loss / count, right / count, count, time.perf_counter() - self.began


def mean_loss(loss, count):
    """The mean over the whole batch, of which each process has its part of the sum."""
    whole = loss.detach().clone()
    if dist.is_initialized():
        dist.all_reduce(whole)
    return whole.item() / count


def main():
    parser = argparse.ArgumentParser(description="Goes on with a handgrad run in PyTorch.")
    parser.add_argument("--data-dir", type=Path, default=Path(DATA), help="the folder of the four IDX files")
    parser.add_argument("--until", type=int, help="the last epoch for now (default: the last one of the run)")
    parser.add_argument("--epochs", type=int, help="another number of epochs, where the rate is constant")
    parser.add_argument("--each-step", action="store_true", help="print the loss of every step as well")
    options = parser.parse_args()
    folder = options.data_dir

    rank, processes = 0, 1
    if "WORLD_SIZE" in os.environ:  # torchrun started this process
        dist.init_process_group("gloo")
        rank, processes = dist.get_rank(), dist.get_world_size()
    share = slice(rank, None, processes)

    state = run_state.load(STATE)
    config, size = state.config, state.config["batchSize"]
    if options.epochs and config["schedule"] != "constant":
        raise SystemExit(f"--epochs: the {config['schedule']} schedule was laid out for {config['epochs']}")
    config["epochs"] = options.epochs or config["epochs"]
    data = state.run.get("data")  # None in states of older versions
    if data is not None and digest(folder) != data["digest"]:
        own = f"{data['dataset']} in {data['folder'] or 'handgrad'}"
        raise SystemExit(f"{folder}: is not the data that the run was made with, {own}")
    whole = images(folder, "train", config["limit"])

    # The seed gives the split of the run again; restore() then puts the generator where the run left it.
    torch.manual_seed(config["seed"])
    model = network()
    count = int(len(whole) * 0.8)
    training, validation = random_split(whole, [count, len(whole) - count])
    if (len(training), len(validation)) != (state.run["images"]["training"], state.run["images"]["validation"]):
        raise SystemExit(f"{folder}: has other images than the run was made with")

    loader = DataLoader(training, batch_size=size, shuffle=True)
    criterion = nn.CrossEntropyLoss(reduction="sum")
    optimizer = new_optimizer(model.parameters(), config)
    schedule, every_batch = new_schedule(optimizer, config, len(loader))
    parallel = DistributedDataParallel(model) if processes > 1 else model
    run_state.restore(state, model, optimizer, schedule)

    def train(epoch):
        model.train()
        total = Pass()
        for x, y in loader:
            x = shifted(x, config["shift"])
            lr = optimizer.param_groups[0]["lr"]
            optimizer.zero_grad()
            logits = parallel(x[share])
            loss = criterion(logits, y[share])
            # The mean over the whole batch: DistributedDataParallel takes the mean of what the processes have.
            (loss * processes / len(x)).backward()
            optimizer.step()
            if every_batch:
                schedule.step()
            total.add(loss.detach(), logits, y[share])
            if options.each_step:
                tell({"event": "step", "epoch": epoch, "loss": mean_loss(loss, len(x))})
        return total.result(), lr

    @torch.no_grad()
    def evaluate(dataset):
        model.eval()
        total = Pass()
        for x, y in DataLoader(dataset, batch_size=256):
            logits = model(x[share])
            total.add(criterion(logits, y[share]), logits, y[share])
        return total.result()

    def tell(event):
        if rank == 0:
            print(json.dumps(event), flush=True)

    last = min(options.until or config["epochs"], config["epochs"])
    for epoch in range(len(state.run["history"]) + 1, last + 1):
        (train_loss, train_accuracy, trained, train_seconds), lr = train(epoch)
        validation_loss, validation_accuracy, _, seconds = evaluate(validation)
        if schedule is not None and not every_batch:
            schedule.step()
        event = {
            "event": "epoch",
            "epoch": epoch,
            "epochs": config["epochs"],
            "lr": lr,
            "trainLoss": train_loss,
            "trainAccuracy": train_accuracy,
            "validationLoss": validation_loss,
            "validationAccuracy": validation_accuracy,
            "seconds": train_seconds + seconds,
            "imagesPerSecond": trained / train_seconds,
        }
        state = run_state.after_epoch(state, model, optimizer, schedule, event)
        if rank == 0:
            run_state.write(STATE, state)
        tell(event)

    if last == config["epochs"]:
        test_loss, test_accuracy, _, _ = evaluate(images(folder, "t10k", config["limit"]))
        tell({"event": "done", "testLoss": test_loss, "testAccuracy": test_accuracy})
    if dist.is_initialized():
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
