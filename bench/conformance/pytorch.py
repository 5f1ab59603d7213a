"""Answers the questions of `pnpm conformance` with PyTorch; `pytorch.py compiled` and `pytorch.py channels_last` are ways to run it."""
import sys

import torch
import torch.nn.functional as F
from torch import nn

from library import answer_questions, numbers, written

(way,) = sys.argv[1:] or ["eager"]
if way == "compiled" and not hasattr(torch, "compile"):
    raise ImportError(f"PyTorch {torch.__version__} has no torch.compile")


def put(tensor, dtype=torch.float32):
    x = torch.tensor(numbers(tensor), dtype=dtype).reshape(tensor["shape"])
    return x.to(memory_format=torch.channels_last) if way == "channels_last" and x.dim() == 4 else x


def take(tensor):
    return written(tensor.shape, tensor.detach().reshape(-1).tolist())


def both(f, tensors, *names):
    given = {name: put(tensors[name]).requires_grad_() for name in names if name in tensors}
    y = (torch.compile(f) if way == "compiled" else f)(**given)
    y.backward(put(tensors["dy"]).reshape(y.shape))
    return {"y": take(y), **{f"d{name}": take(value.grad) for name, value in given.items()}}


def elementwise(f):
    return lambda tensors, _: both(lambda x: f(x), tensors, "x")


def max_pool2d(tensors, options):
    o = options
    args = (o["kernelSize"], o["stride"], o["padding"], o["dilation"], o["ceilMode"], o.get("withIndices", False))
    return both(lambda x: (lambda y: y[0] if isinstance(y, tuple) else y)(F.max_pool2d(x, *args)), tensors, "x")


def avg_pool2d(tensors, o):
    args = (o["kernelSize"], o["stride"], o["padding"], o["ceilMode"], o["countIncludePad"])
    return both(lambda x: F.avg_pool2d(x, *args), tensors, "x")


def conv2d(tensors, o):
    f = lambda x, weight, bias=None: F.conv2d(x, weight, bias, o["stride"], o["padding"], o["dilation"], o["groups"])
    return both(f, tensors, "x", "weight", "bias")


def linear(x, weight, bias=None):
    return F.linear(x, weight, bias)


def cross_entropy(tensors, o):
    target = tensors["target"]
    classes = put(target).long() if len(target["shape"]) != len(tensors["x"]["shape"]) else put(target)
    weight = put(tensors["tensor.weight"]) if "weight" in o else None
    loss = nn.CrossEntropyLoss(
        weight,
        ignore_index=o.get("ignoreIndex", -100),
        reduction=o.get("reduction", "mean"),
        label_smoothing=o.get("labelSmoothing", 0.0),
    )
    return both(lambda x: loss(x, classes), tensors, "x")


def stepping(make):
    spelled = {"weightDecay": "weight_decay"}

    def run(tensors, options):
        params = {name[6:]: put(value).requires_grad_() for name, value in tensors.items() if name.startswith("param.")}
        steps = options.pop("steps")
        own = make(list(params.values()), **{spelled.get(name, name): value for name, value in options.items()})
        outputs = {}
        for step in range(1, steps + 1):
            for name, parameter in params.items():
                gradient = tensors.get(f"grad.{name}.{step}")
                parameter.grad = None if gradient is None else put(gradient)
            own.step()
            outputs |= {f"{name}.{step}": take(parameter.clone()) for name, parameter in params.items()}
        return outputs

    return run


def batch_norm(tensors, o):
    layer = nn.BatchNorm2d(tensors["x"]["shape"][1], o["eps"], o["momentum"])
    y = layer(put(tensors["x"]))
    return {"y": take(y), "buffer.running_mean": take(layer.running_mean), "buffer.running_var": take(layer.running_var)}


OPERATIONS = {
    "relu": elementwise(F.relu),
    "abs": elementwise(torch.abs),
    "max": elementwise(torch.amax),
    "maximum(x, 0)": elementwise(lambda x: torch.maximum(x, torch.zeros(()))),
    "maximum(0, x)": elementwise(lambda x: torch.maximum(torch.zeros(()), x)),
    "gelu": lambda tensors, o: both(lambda x: F.gelu(x, approximate=o["approximate"]), tensors, "x"),
    "flatten": lambda tensors, o: both(lambda x: torch.flatten(x, o["startDim"], o["endDim"]), tensors, "x"),
    "maxPool2d": max_pool2d,
    "avgPool2d": avg_pool2d,
    "conv2d": conv2d,
    "linear": lambda tensors, _: both(linear, tensors, "x", "weight", "bias"),
    "crossEntropy": cross_entropy,
    "sgd": stepping(lambda params, lr=0.001, **rest: torch.optim.SGD(params, lr, **rest)),
    "adam": stepping(torch.optim.Adam),
    "batchNorm": batch_norm,
    "layerNorm": lambda tensors, o: {"y": take(F.layer_norm(put(tensors["x"]), tensors["x"]["shape"][-1:], eps=o["eps"]))},
    "dropout": lambda tensors, o: {"y": take(nn.Dropout(o["p"]).train()(put(tensors["x"])))},
    "dropout in evaluation": lambda tensors, o: {"y": take(nn.Dropout(o["p"]).eval()(put(tensors["x"])))},
}


torch.set_num_threads(1)
torch.manual_seed(0)
answer_questions(torch.__version__, OPERATIONS)
