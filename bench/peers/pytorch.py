"""PyTorch, as a program that `bench` asks: python pytorch.py <folder of MNIST> <default|channels_last|compile>.

The same lines as apps/cli/src/bench/serve.ts: {"prepare": …} builds and warms up, {"run": …} is timed.
"""
import json, sys, time
from itertools import cycle
from pathlib import Path

import torch
from torch import nn

folder, variant = Path(sys.argv[1]), sys.argv[2]
networks = json.loads((Path(__file__).parent.parent / "networks.json").read_text())
make = {
    "conv": lambda i, o, k, p: nn.Conv2d(i, o, k, padding=p),
    "relu": nn.ReLU,
    "pool": lambda: nn.MaxPool2d(2),
    "flatten": nn.Flatten,
    "linear": nn.Linear,
}
pixels = torch.frombuffer(bytearray((folder / "train-images-idx3-ubyte").read_bytes()), dtype=torch.uint8, offset=16)
labels = torch.frombuffer(bytearray((folder / "train-labels-idx1-ubyte").read_bytes()), dtype=torch.uint8, offset=8)


def batches(size):
    count = min(200, 12_800 // size)
    x = (pixels[: count * size * 784].float() / 255 - 0.1307) / 0.3081
    y = labels[: count * size].long()
    for i in range(count):
        part = x[i * size * 784 : (i + 1) * size * 784].view(size, 1, 28, 28).clone()
        if variant != "default":
            part = part.contiguous(memory_format=torch.channels_last)
        yield part, y[i * size : (i + 1) * size].clone()


def build(network, batch, mode):
    torch.manual_seed(0)
    net = nn.Sequential(*(make[kind](*sizes) for kind, *sizes in networks[network]))
    if variant != "default":
        net = net.to(memory_format=torch.channels_last)
    net.train(mode == "train")
    sgd = torch.optim.SGD(net.parameters(), lr=0.01)
    criterion = nn.CrossEntropyLoss()
    forward = torch.compile(net) if variant == "compile" else net
    data = cycle(list(batches(batch)))

    def train():
        x, y = next(data)
        sgd.zero_grad()
        criterion(forward(x), y).backward()
        sgd.step()

    @torch.inference_mode()
    def infer():
        forward(next(data)[0])

    return train if mode == "train" else infer


def repeat(step, least, seconds):
    start, count = time.perf_counter(), 0
    while count < least or time.perf_counter() < start + seconds:
        step()
        count += 1
    return count, time.perf_counter() - start


steps, size = {}, 0


def prepare(network, batch, mode, threads):
    global size
    steps.clear()
    torch._dynamo.reset() if variant == "compile" else None
    size, slowest = batch, 0.0
    for count in threads:
        torch.set_num_threads(count)
        steps[count] = build(network, batch, mode)
        repeat(steps[count], 5, 0.2)
        done, seconds = repeat(steps[count], 3, 0.2)
        slowest = max(slowest, seconds / done)
    return {"step": slowest}


def run(threads, milliseconds):
    torch.set_num_threads(threads)
    count, seconds = repeat(steps[threads], 1, milliseconds / 1000)
    return {"images": count * size, "seconds": seconds}


for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = run(**request["run"]) if "run" in request else prepare(**request["prepare"])
    except Exception as error:  # What cannot be run is said, and the next request is served.
        answer = {"refused": str(error).strip().splitlines()[-1]}
    print(json.dumps(answer), flush=True)
