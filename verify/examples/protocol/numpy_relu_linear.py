"""ReLU and Linear in NumPy, for the cases of a pack; ReLU's gradient at 0 is wrong on purpose.

    python numpy_relu_linear.py <pack> <outputs>
"""
import json
import sys
from pathlib import Path

import numpy as np


def relu(x, dy):
    return {"y": np.maximum(x, 0), "dx": dy * ~(x < 0)}  # wrong: the slope at 0 is 0, ~(x <= 0)


def linear(x, dy, weight, bias=None):
    y = x @ weight.T + (0 if bias is None else bias)
    rows, upstream = x.reshape(-1, x.shape[-1]), dy.reshape(-1, dy.shape[-1])
    gradients = {} if bias is None else {"dbias": upstream.sum(0)}
    return {"y": y, "dx": dy @ weight, "dweight": upstream.T @ rows, **gradients}


pack, outputs = map(Path, sys.argv[1:])
for path in sorted(pack.glob("cases/*/*/case.json")):
    case = json.loads(path.read_text())
    layer = {"nn.ReLU": relu, "nn.Linear": linear}.get(case["torch"])
    if layer is None:
        continue
    with np.load(path.with_name("inputs.npz")) as file:
        inputs = {name.removeprefix("param."): file[name] for name in file}
    target = outputs / case["id"]
    target.mkdir(parents=True, exist_ok=True)
    np.savez(target / "outputs.npz", **layer(**inputs))
