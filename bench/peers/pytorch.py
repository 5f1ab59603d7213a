"""PyTorch: python pytorch.py <network> <batch> <train|infer> <threads> <default|channels_last|compile>."""
import json, sys, time
from pathlib import Path

import torch
from torch import nn

name, batch, mode, threads, variant = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), sys.argv[5]
torch.set_num_threads(threads)
torch.manual_seed(0)
make = {
    "conv": lambda i, o, k, p: nn.Conv2d(i, o, k, padding=p),
    "relu": nn.ReLU,
    "pool": lambda: nn.MaxPool2d(2),
    "flatten": nn.Flatten,
    "linear": nn.Linear,
}
networks = json.loads((Path(__file__).parent.parent / "networks.json").read_text())
net = nn.Sequential(*(make[kind](*sizes) for kind, *sizes in networks[name]))
x = torch.rand(batch, 1, 28, 28) * 2 - 0.5
y = torch.arange(batch) % 10
if variant != "default":
    net, x = net.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
sgd = torch.optim.SGD(net.parameters(), lr=0.01)
criterion = nn.CrossEntropyLoss()
forward = torch.compile(net) if variant == "compile" else net


def train():
    sgd.zero_grad()
    criterion(forward(x), y).backward()
    sgd.step()


@torch.inference_mode()
def infer():
    forward(x)


step = train if mode == "train" else infer
if mode == "infer":
    net.eval()
for _ in range(10):
    step()
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    until, steps = start + float(line) / 1000, 0
    while time.perf_counter() < until:
        step()
        steps += 1
    print(json.dumps({"images": steps * batch, "seconds": time.perf_counter() - start}), flush=True)
