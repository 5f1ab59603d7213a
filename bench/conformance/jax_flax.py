"""Answers the questions of `pnpm conformance` with JAX, flax (linen) and optax on the CPU: library.mjs has the protocol."""
import math
import os

os.environ["JAX_PLATFORMS"] = "cpu"

from importlib.metadata import version

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import linen

from library import NotOffered, answer_questions, numbers, only_with, steps, written


def put(tensor):
    return jnp.asarray(np.array(numbers(tensor), dtype=np.float32).reshape(tensor["shape"]))


def take(x):
    values = np.asarray(x)
    return written(values.shape, values.reshape(-1))


def both(f, tensors, *names):
    """y and the gradients of `f`, which takes its tensors by name."""
    given = {name: put(tensors[name]) for name in names if name in tensors}

    @jax.jit
    def pulled(p, dy):
        y, back = jax.vjp(lambda p: f(**p), p)
        return y, *back(dy.reshape(y.shape))

    y, gradients = pulled(given, put(tensors["dy"]))
    return {"y": take(y), **{f"d{name}": take(gradient) for name, gradient in gradients.items()}}


def elementwise(f):
    return lambda tensors, _: both(lambda x: f(x), tensors, "x")


def images(f):
    """A function of NHWC images as one of NCHW, or of CHW."""

    def of(x, **more):
        y = f(jnp.moveaxis(x, -3, -1), **more)
        return jnp.moveaxis(y, -1, -3)

    return of


def flatten(tensors, o):
    shape = tensors["x"]["shape"]
    last = o["endDim"] % len(shape) if shape else 0
    joined = math.prod(shape[o["startDim"] : last + 1])
    return both(lambda x: x.reshape(*shape[: o["startDim"]], joined, *shape[last + 1 :]), tensors, "x")


def sides(o):
    return [(p, p) for p in o["padding"]]


def max_pool2d(tensors, o):
    if o["ceilMode"]:
        raise NotOffered("ceil mode")
    if any(d > 1 for d in o["dilation"]):
        # flax has no dilation; JAX's own reduction has.
        window = lambda pair: (1,) * (len(tensors["x"]["shape"]) - 2) + tuple(pair)
        f = lambda x: jax.lax.reduce_window(
            x, -jnp.inf, jax.lax.max, window(o["kernelSize"]), window(o["stride"]),
            [(0, 0)] * (x.ndim - 2) + sides(o), window_dilation=window(o["dilation"]),
        )
        return both(f, tensors, "x")
    return both(images(lambda x: linen.max_pool(x, o["kernelSize"], o["stride"], sides(o))), tensors, "x")


def avg_pool2d(tensors, o):
    only_with({"ceilMode": o["ceilMode"]})
    pool = lambda x: linen.avg_pool(x, o["kernelSize"], o["stride"], sides(o), o["countIncludePad"])
    return both(images(pool), tensors, "x")


def conv2d(tensors, o):
    padding = o["padding"].upper() if isinstance(o["padding"], str) else sides(o)
    out, _, *kernel = tensors["weight"]["shape"]
    layer = linen.Conv(
        out, kernel, o["stride"], padding, kernel_dilation=o["dilation"], feature_group_count=o["groups"],
        use_bias="bias" in tensors,
    )

    def f(x, weight, **bias):
        # [out, in, h, w] as [h, w, in, out]
        return layer.apply({"params": {"kernel": weight.transpose(2, 3, 1, 0), **bias}}, x)

    return both(images(f), tensors, "x", "weight", "bias")


def linear(tensors, _):
    layer = linen.Dense(tensors["weight"]["shape"][0], use_bias="bias" in tensors)
    f = lambda x, weight, **bias: layer.apply({"params": {"kernel": weight.T, **bias}}, x)
    return both(f, tensors, "x", "weight", "bias")


def cross_entropy(tensors, o):
    only_with(o, "reduction", "labelSmoothing")
    smoothing = o.get("labelSmoothing") or 0
    # optax takes the classes from the last axis.
    last = lambda t: jnp.moveaxis(t, 1, -1) if t.ndim > 1 else t
    reduce = {"mean": jnp.mean, "sum": jnp.sum, "none": lambda y: y}[o.get("reduction", "mean")]
    probabilities = len(tensors["target"]["shape"]) == len(tensors["x"]["shape"])
    target = last(put(tensors["target"])) if probabilities else put(tensors["target"]).astype(jnp.int32)

    def loss(x):
        x = last(x)
        if not probabilities and not smoothing:
            return reduce(optax.softmax_cross_entropy_with_integer_labels(x, target))
        labels = target if probabilities else jax.nn.one_hot(target, x.shape[-1])
        return reduce(optax.softmax_cross_entropy(x, optax.smooth_labels(labels, smoothing) if smoothing else labels))

    return both(loss, tensors, "x")


def stepping(make):
    def run(tensors, options):
        def start(given):
            params = {name: put(value) for name, value in given.items()}
            own = make({name: value for name, value in options.items() if name != "steps"})
            state = own.init(params)

            @jax.jit
            def stepped(gradients, state, params):
                updates, state = own.update(gradients, state, params)
                return optax.apply_updates(params, updates), state

            def step(gradients):
                nonlocal params, state
                params, state = stepped({name: put(g) for name, g in gradients.items()}, state, params)
                return {name: take(value) for name, value in params.items()}

            return step

        return steps(tensors, options, start)

    return run


def with_decay(rule, o):
    """L2: optax adds it to the gradients before the rule."""
    return optax.chain(optax.add_decayed_weights(o["weightDecay"]), rule) if o.get("weightDecay") else rule


def sgd(o):
    only_with(o if o.get("dampening") else o | {"dampening": None}, "lr", "momentum", "nesterov", "weightDecay")
    return with_decay(optax.sgd(o.get("lr", 0.001), o.get("momentum") or None, o.get("nesterov", False)), o)


def adam(o):
    only_with(o, "lr", "betas", "eps", "weightDecay", "amsgrad")
    rule = optax.amsgrad if o.get("amsgrad") else optax.adam
    a, b = o.get("betas", (0.9, 0.999))
    return with_decay(rule(o.get("lr", 0.001), a, b, o.get("eps", 1e-8)), o)


def batch_norm(tensors, o):
    layer = linen.BatchNorm(use_running_average=False, momentum=1 - o["momentum"], epsilon=o["eps"])
    x = jnp.moveaxis(put(tensors["x"]), 1, -1)
    y, state = layer.apply(layer.init(jax.random.key(0), x), x, mutable=["batch_stats"])
    kept = state["batch_stats"]
    return {
        "y": take(jnp.moveaxis(y, -1, 1)),
        "buffer.running_mean": take(kept["mean"]),
        "buffer.running_var": take(kept["var"]),
    }


def layer_norm(tensors, o):
    layer = linen.LayerNorm(epsilon=o["eps"], use_bias=False, use_scale=False)
    return {"y": take(layer.apply({}, put(tensors["x"])))}


def dropout(deterministic):
    def run(tensors, o):
        layer = linen.Dropout(o["p"], deterministic=deterministic)
        return {"y": take(layer.apply({}, put(tensors["x"]), rngs={"dropout": jax.random.key(o.get("seed", 0))}))}

    return run


def rated(tensors, o):
    params = put(tensors["param.weight"])
    own = optax.sgd(lambda count: jnp.asarray(o["rates"])[count], o["momentum"])
    state, outputs = own.init(params), {}
    for step in range(1, len(o["rates"]) + 1):
        updates, state = own.update(put(tensors[f"grad.weight.{step}"]), state, params)
        params = optax.apply_updates(params, updates)
        outputs[f"weight.{step}"] = take(params)
    return outputs


def batch_norm_as_told(tensors, o):
    layer = linen.BatchNorm(use_running_average=False, momentum=o["momentum"])
    x = jnp.moveaxis(put(tensors["x"]), 1, -1)
    _, state = layer.apply(layer.init(jax.random.key(0), x), x, mutable=["batch_stats"])
    return {"buffer.running_mean": take(state["batch_stats"]["mean"])}


def one_cycle(_, o):
    schedule = optax.cosine_onecycle_schedule(o["steps"], float(o["most"]))
    return {"lr": take(np.array([schedule(step) for step in range(o["steps"])]))}


def started(layer, *shape):
    return layer.init(jax.random.key(0), jnp.zeros(shape))["params"]


def weight_layout(_, o):
    inner, out, *kernel = o["convolution"]
    dense = started(linen.Dense(o["dense"][1]), 1, o["dense"][0])["kernel"].shape
    convolution = started(linen.Conv(out, kernel), 1, 9, 9, inner)["kernel"].shape
    return {name: written([len(shape)], shape) for name, shape in {"dense": dense, "convolution": convolution}.items()}


def initial_weights(_, o):
    params = started(linen.Dense(o["out"]), 1, o["in"])
    largest = lambda x: written([], [float(jnp.abs(x).max()) * o["in"] ** 0.5])
    return {"weight": largest(params["kernel"]), "bias": largest(params["bias"])}


OPERATIONS = {
    "relu": elementwise(linen.relu),
    "abs": elementwise(jnp.abs),
    "max": elementwise(jnp.max),
    "maximum(x, 0)": elementwise(lambda x: jnp.maximum(x, 0)),
    "maximum(0, x)": elementwise(lambda x: jnp.maximum(0, x)),
    "gelu": lambda tensors, o: both(lambda x: linen.gelu(x, approximate=o["approximate"] == "tanh"), tensors, "x"),
    "gelu by default": elementwise(linen.gelu),
    "sgd with rates": rated,
    "batch norm as told": batch_norm_as_told,
    "one cycle": one_cycle,
    "weight layout": weight_layout,
    "initial weights": initial_weights,
    "flatten": flatten,
    "maxPool2d": max_pool2d,
    "avgPool2d": avg_pool2d,
    "conv2d": conv2d,
    "linear": linear,
    "crossEntropy": cross_entropy,
    "sgd": stepping(sgd),
    "adam": stepping(adam),
    "batchNorm": batch_norm,
    "layerNorm": layer_norm,
    "dropout": dropout(False),
    "dropout in evaluation": dropout(True),
}

answer_questions(f"{jax.__version__}, flax {version('flax')}, optax {version('optax')}", OPERATIONS)
