"""Answers the questions of `pnpm conformance` with PyTorch; `pytorch.py compiled` and `pytorch.py channels_last` are ways to run it."""
import logging
import os
import sys

# One question at a time: workers that compile beside each other would only have to be started.
os.environ["TORCHINDUCTOR_COMPILE_THREADS"] = "1"

import torch
import torch.nn.functional as F
from torch import nn

from library import answer_questions, numbers, written

(way,) = sys.argv[1:] or ["eager"]
if way == "compiled" and not hasattr(torch, "compile"):
    raise ImportError(f"PyTorch {torch.__version__} has no torch.compile")


def compiled(f, whole=True):
    """`f` as it is run. What was compiled before is forgotten: after a few shapes torch.compile would run `f` as it is."""
    if way != "compiled":
        return f
    torch._dynamo.reset()
    return torch.compile(f, fullgraph=whole)


def put(tensor, dtype=torch.float32):
    x = torch.tensor(numbers(tensor), dtype=dtype).reshape(tensor["shape"])
    return x.to(memory_format=torch.channels_last) if way == "channels_last" and x.dim() == 4 else x


def take(tensor):
    return written(tensor.shape, tensor.detach().reshape(-1).tolist())


def both(f, tensors, *names):
    given = {name: put(tensors[name]).requires_grad_() for name in names if name in tensors}
    y = compiled(f)(**given)
    y.backward(put(tensors["dy"]).reshape(y.shape))
    return {"y": take(y), **{f"d{name}": take(value.grad) for name, value in given.items()}}


def forward(f, x):
    return take(compiled(f)(put(x)))


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
    # JSON has no difference between 0 and 0.0, Adam has.
    kept = lambda value: tuple(map(float, value)) if isinstance(value, tuple) else value

    def run(tensors, options):
        params = {name[6:]: put(value).requires_grad_() for name, value in tensors.items() if name.startswith("param.")}
        steps = options.pop("steps")
        own = make(list(params.values()), **{spelled.get(name, name): kept(value) for name, value in options.items()})
        # The state of an optimizer is made at its first step, which is in no graph.
        step_all = compiled(own.step, whole=False)
        outputs = {}
        for step in range(1, steps + 1):
            for name, parameter in params.items():
                gradient = tensors.get(f"grad.{name}.{step}")
                parameter.grad = None if gradient is None else put(gradient)
            step_all()
            outputs |= {f"{name}.{step}": take(parameter.clone()) for name, parameter in params.items()}
        return outputs

    return run


def batch_norm(tensors, o):
    layer = nn.BatchNorm2d(tensors["x"]["shape"][1], o["eps"], o["momentum"])
    y = forward(layer, tensors["x"])
    return {"y": y, "buffer.running_mean": take(layer.running_mean), "buffer.running_var": take(layer.running_var)}


def rated(tensors, o):
    weight = put(tensors["param.weight"]).requires_grad_()
    own = torch.optim.SGD([weight], o["rates"][0], o["momentum"])
    step_all = compiled(own.step, whole=False)
    outputs = {}
    for step, rate in enumerate(o["rates"], 1):
        own.param_groups[0]["lr"] = rate
        weight.grad = put(tensors[f"grad.weight.{step}"])
        step_all()
        outputs[f"weight.{step}"] = take(weight.clone())
    return outputs


def batch_norm_as_told(tensors, o):
    layer = nn.BatchNorm2d(1, momentum=o["momentum"])
    forward(layer, tensors["x"])
    return {"buffer.running_mean": take(layer.running_mean)}


def one_cycle(_, o):
    own = torch.optim.SGD([torch.zeros(1, requires_grad=True)], o["most"], 0.9)
    schedule = torch.optim.lr_scheduler.OneCycleLR(own, o["most"], o["steps"])
    rates = []
    for step in range(o["steps"]):
        rates.append(own.param_groups[0]["lr"])
        own.step()
        if step < o["steps"] - 1:
            schedule.step()
    return {"lr": written([len(rates)], rates)}


def weight_layout(_, o):
    inner, out, *kernel = o["convolution"]
    shapes = {"dense": nn.Linear(*o["dense"]).weight.shape, "convolution": nn.Conv2d(inner, out, kernel).weight.shape}
    return {name: written([len(shape)], shape) for name, shape in shapes.items()}


def initial_weights(_, o):
    # The same numbers whatever was drawn before.
    torch.manual_seed(0)
    layer = nn.Linear(o["in"], o["out"])
    largest = lambda x: written([], [x.abs().max().item() * o["in"] ** 0.5])
    return {"weight": largest(layer.weight), "bias": largest(layer.bias)}


OPERATIONS = {
    "relu": elementwise(F.relu),
    "abs": elementwise(torch.abs),
    "max": elementwise(torch.amax),
    "maximum(x, 0)": elementwise(lambda x: torch.maximum(x, torch.zeros(()))),
    "maximum(0, x)": elementwise(lambda x: torch.maximum(torch.zeros(()), x)),
    "gelu": lambda tensors, o: both(lambda x: F.gelu(x, approximate=o["approximate"]), tensors, "x"),
    "gelu by default": elementwise(F.gelu),
    "sgd with rates": rated,
    "batch norm as told": batch_norm_as_told,
    "one cycle": one_cycle,
    "weight layout": weight_layout,
    "initial weights": initial_weights,
    "flatten": lambda tensors, o: both(lambda x: torch.flatten(x, o["startDim"], o["endDim"]), tensors, "x"),
    "maxPool2d": max_pool2d,
    "avgPool2d": avg_pool2d,
    "conv2d": conv2d,
    "linear": lambda tensors, _: both(linear, tensors, "x", "weight", "bias"),
    "crossEntropy": cross_entropy,
    "sgd": stepping(lambda params, lr=0.001, **rest: torch.optim.SGD(params, lr, **rest)),
    "adam": stepping(torch.optim.Adam),
    "batchNorm": batch_norm,
    "layerNorm": lambda tensors, o: {"y": forward(lambda x: F.layer_norm(x, x.shape[-1:], eps=o["eps"]), tensors["x"])},
    "dropout": lambda tensors, o: {"y": forward(nn.Dropout(o["p"]).train(), tensors["x"])},
    "dropout in evaluation": lambda tensors, o: {"y": forward(nn.Dropout(o["p"]).eval(), tensors["x"])},
}


torch.set_num_threads(1)
torch.manual_seed(0)
if way == "compiled":
    logging.disable(logging.WARNING)
    # Without a C++ compiler this says so, before any question.
    compiled(torch.sin)(torch.ones(1))
answer_questions(torch.__version__, OPERATIONS)
