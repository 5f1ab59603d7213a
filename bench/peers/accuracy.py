"""The recipe of a preset in PyTorch: python accuracy.py <folder of MNIST> <recipe as JSON>.

The same work as `train`: 48,000 images a pass, shifted and shuffled, the other 12,000 validate after each epoch, the test
set is read once. channels_last, which is PyTorch's fastest here.
"""
import json, sys
from pathlib import Path

import torch
from torch import nn

folder, recipe = Path(sys.argv[1]), json.loads(sys.argv[2])
torch.set_num_threads(recipe["threads"])
torch.manual_seed(recipe["seed"])
MEAN, STD = 0.1307, 0.3081
BACKGROUND = -MEAN / STD
last = torch.channels_last


def read(part):
    images = bytearray((folder / f"{part}-images-idx3-ubyte").read_bytes())
    labels = bytearray((folder / f"{part}-labels-idx1-ubyte").read_bytes())
    x = torch.frombuffer(images, dtype=torch.uint8, offset=16).view(-1, 1, 28, 28)
    y = torch.frombuffer(labels, dtype=torch.uint8, offset=8).long()
    return ((x.float() / 255 - MEAN) / STD).contiguous(memory_format=last), y


def shifted(x, most):
    """Every image moved by up to `most` pixels each way: one gather for the whole batch."""
    if most == 0:
        return x
    n = len(x)
    padded = nn.functional.pad(x, (most,) * 4, value=BACKGROUND)
    move = torch.randint(0, 2 * most + 1, (n, 2))
    rows = (torch.arange(28) + move[:, :1]).view(n, 28, 1)
    columns = (torch.arange(28) + move[:, 1:]).view(n, 1, 28)
    return padded[torch.arange(n).view(n, 1, 1), 0, rows, columns].unsqueeze(1).contiguous(memory_format=last)


net = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(784, 10),
).to(memory_format=last)  # fmt: skip
x, y = read("train")
order = torch.randperm(60_000)
training, validation = order[:48_000], order[48_000:]
size, epochs, lr = recipe["batchSize"], recipe["epochs"], recipe["lr"]
if recipe["optimizer"] == "adam":
    optimizer = torch.optim.Adam(net.parameters(), lr=lr)
else:
    optimizer = torch.optim.SGD(net.parameters(), lr=lr, momentum=recipe["momentum"])
if recipe["schedule"] != "one-cycle":
    raise SystemExit(f"accuracy.py follows one-cycle, not {recipe['schedule']}")
schedule = torch.optim.lr_scheduler.OneCycleLR(
    optimizer, lr, epochs=epochs, steps_per_epoch=-(-48_000 // size), cycle_momentum=False
)
criterion = nn.CrossEntropyLoss()


@torch.inference_mode()
def accuracy(x, y):
    return sum((net(a).argmax(1) == b).sum().item() for a, b in zip(x.split(256), y.split(256))) / len(x)


for _ in range(epochs):
    for batch in training[torch.randperm(48_000)].split(size):
        optimizer.zero_grad()
        criterion(net(shifted(x[batch], recipe["shift"])), y[batch]).backward()
        optimizer.step()
        schedule.step()
    accuracy(x[validation], y[validation])
print(json.dumps({"testAccuracy": accuracy(*read("t10k"))}))
