"""Answers the questions of `pnpm conformance` with Keras on TensorFlow: library.mjs has the protocol."""
import os
from pathlib import Path

os.environ |= {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}

import keras
import numpy as np
import tensorflow as tf

from library import NotOffered, answer_questions, numbers, only_with, steps, written


def put(tensor):
    return tf.constant(np.array(numbers(tensor), dtype=np.float32).reshape(tensor["shape"]))


def take(x):
    values = np.asarray(x)
    return written(values.shape, values.reshape(-1))


def both(f, tensors, *names):
    """y and the gradients of `f`, which takes its tensors by name."""
    given = {name: put(tensors[name]) for name in names if name in tensors}
    with tf.GradientTape() as tape:
        tape.watch(given)
        y = f(**given)
    gradients = tape.gradient(
        y, given, tf.reshape(put(tensors["dy"]), y.shape), unconnected_gradients=tf.UnconnectedGradients.ZERO
    )
    return {"y": take(y), **{f"d{name}": take(gradient) for name, gradient in gradients.items()}}


def elementwise(f):
    return lambda tensors, _: both(lambda x: f(x), tensors, "x")


def images(f):
    """A function of NHWC images as one of NCHW, or of CHW."""

    def of(x, **more):
        alone = len(x.shape) == 3
        y = tf.transpose(f(tf.transpose(x[tf.newaxis] if alone else x, [0, 2, 3, 1]), **more), [0, 3, 1, 2])
        return y[0] if alone else y

    return of


def flatten(tensors, o):
    shape = tensors["x"]["shape"]
    last = o["endDim"] % len(shape) if shape else 0
    joined = int(np.prod(shape[o["startDim"] : last + 1]))
    return both(lambda x: keras.ops.reshape(x, [*shape[: o["startDim"]], joined, *shape[last + 1 :]]), tensors, "x")


def sides(o):
    return [[0, 0], *([p, p] for p in o["padding"]), [0, 0]]


def max_pool2d(tensors, o):
    if o["ceilMode"]:
        raise NotOffered("ceil mode")
    padded = any(p > 0 for p in o["padding"])
    if any(d > 1 for d in o["dilation"]):
        if padded:
            raise NotOffered("padding with dilation")
        f = lambda x: tf.nn.pool(x, o["kernelSize"], "MAX", o["stride"], "VALID", "NHWC", o["dilation"])
    elif padded:
        # Keras has 'valid' and 'same'; TensorFlow takes the sides of the padding.
        f = lambda x: tf.nn.max_pool2d(x, o["kernelSize"], o["stride"], sides(o))
    else:
        f = keras.layers.MaxPooling2D(o["kernelSize"], o["stride"], "valid")
    return both(images(lambda x: f(x)), tensors, "x")


def avg_pool2d(tensors, o):
    only_with({"ceilMode": o["ceilMode"]})
    if o["countIncludePad"] and any(p > 0 for p in o["padding"]):
        raise NotOffered("padding that counts")
    same = all(s == 1 and k == 2 * p + 1 for s, k, p in zip(o["stride"], o["kernelSize"], o["padding"]))
    if not same and any(p > 0 for p in o["padding"]):
        raise NotOffered("padding of a given size")
    layer = keras.layers.AveragePooling2D(o["kernelSize"], o["stride"], "same" if same else "valid")
    return both(images(lambda x: layer(x)), tensors, "x")


def conv2d(tensors, o):
    padding = o["padding"]
    own = isinstance(padding, str) or all(p == 0 for p in padding)

    def f(x, weight, bias=None):
        # [out, in, h, w] as [h, w, in, out]
        kernel = tf.transpose(weight, [2, 3, 1, 0])
        if own:
            word = padding if isinstance(padding, str) else "valid"
            y = keras.ops.conv(x, kernel, o["stride"], word, "channels_last", o["dilation"])
        else:
            # Keras has 'valid' and 'same'; TensorFlow takes the sides of the padding.
            y = tf.nn.conv2d(x, kernel, o["stride"], sides(o), "NHWC", o["dilation"])
        return y if bias is None else y + bias

    return both(images(f), tensors, "x", "weight", "bias")


def linear(tensors, _):
    def f(x, weight, bias=None):
        y = keras.ops.matmul(x, keras.ops.transpose(weight))
        return y if bias is None else y + bias

    return both(f, tensors, "x", "weight", "bias")


def cross_entropy(tensors, o):
    only_with(o, "reduction", "labelSmoothing", "ignoreIndex")
    # Keras takes the classes from the last axis.
    last = lambda t: keras.ops.moveaxis(t, 1, -1) if len(t.shape) > 1 else t
    probabilities = len(tensors["target"]["shape"]) == len(tensors["x"]["shape"])
    classes = tensors["x"]["shape"][1 if len(tensors["x"]["shape"]) > 1 else 0]
    reduction = {"mean": "sum_over_batch_size", "sum": "sum", "none": "none"}[o.get("reduction", "mean")]
    smoothing = o.get("labelSmoothing") or 0
    labels = last(put(tensors["target"])) if probabilities else tf.cast(put(tensors["target"]), tf.int32)
    ignored = o.get("ignoreIndex", -100)
    has_ignored = not probabilities and ignored in numbers(tensors["target"])
    if probabilities or smoothing:
        if has_ignored:
            raise NotOffered("ignored targets with label smoothing")
        if not probabilities:
            labels = tf.one_hot(labels, classes)
        loss = keras.losses.CategoricalCrossentropy(True, smoothing, reduction=reduction)
    else:
        loss = keras.losses.SparseCategoricalCrossentropy(True, ignored if has_ignored else None, reduction)
    return both(lambda x: loss(labels, last(x)), tensors, "x")


def stepping(make):
    def run(tensors, options):
        def start(given):
            variables = {name: keras.Variable(put(value), name=name.replace(".", "_")) for name, value in given.items()}
            own = make({name: value for name, value in options.items() if name != "steps"})
            own.build(list(variables.values()))

            def step(gradients):
                own.apply([put(gradients[name]) for name in variables])
                return {name: take(variable) for name, variable in variables.items()}

            return step

        return steps(tensors, options, start)

    return run


def sgd(o):
    only_with(o if o.get("dampening") else o | {"dampening": None}, "lr", "momentum", "nesterov", "weightDecay")
    return keras.optimizers.SGD(
        float(o.get("lr", 0.001)), float(o.get("momentum", 0)), o.get("nesterov", False), weight_decay=o.get("weightDecay") or None
    )


def adam(o):
    only_with(o, "lr", "betas", "eps", "weightDecay", "amsgrad")
    a, b = o.get("betas", (0.9, 0.999))
    return keras.optimizers.Adam(
        float(o.get("lr", 0.001)), a, b, o.get("eps", 1e-8), o.get("amsgrad", False), weight_decay=o.get("weightDecay") or None
    )


def batch_norm(tensors, o):
    layer = keras.layers.BatchNormalization(momentum=1 - o["momentum"], epsilon=o["eps"])
    y = images(lambda x: layer(x, training=True))(put(tensors["x"]))
    return {
        "y": take(y),
        "buffer.running_mean": take(layer.moving_mean),
        "buffer.running_var": take(layer.moving_variance),
    }


def rated(tensors, o):
    variable = keras.Variable(put(tensors["param.weight"]), name="weight")
    own = keras.optimizers.SGD(o["rates"][0], o["momentum"])
    own.build([variable])
    outputs = {}
    for step, rate in enumerate(o["rates"], 1):
        own.learning_rate = rate
        own.apply([put(tensors[f"grad.weight.{step}"])])
        outputs[f"weight.{step}"] = take(variable)
    return outputs


def batch_norm_as_told(tensors, o):
    layer = keras.layers.BatchNormalization(momentum=o["momentum"])
    images(lambda x: layer(x, training=True))(put(tensors["x"]))
    return {"buffer.running_mean": take(layer.moving_mean)}


def weight_layout(_, o):
    inner, out, *kernel = o["convolution"]
    dense, convolution = keras.layers.Dense(o["dense"][1]), keras.layers.Conv2D(out, kernel)
    dense.build([None, o["dense"][0]])
    convolution.build([None, 9, 9, inner])
    shapes = {"dense": dense.kernel.shape, "convolution": convolution.kernel.shape}
    return {name: written([len(shape)], shape) for name, shape in shapes.items()}


def initial_weights(_, o):
    keras.utils.set_random_seed(0)
    layer = keras.layers.Dense(o["out"])
    layer.build([None, o["in"]])
    largest = lambda x: written([], [float(np.abs(np.asarray(x)).max()) * o["in"] ** 0.5])
    return {"weight": largest(layer.kernel), "bias": largest(layer.bias)}


OPERATIONS = {
    "relu": elementwise(keras.ops.relu),
    "abs": elementwise(keras.ops.abs),
    "max": elementwise(keras.ops.max),
    "maximum(x, 0)": elementwise(lambda x: keras.ops.maximum(x, 0.0)),
    "maximum(0, x)": elementwise(lambda x: keras.ops.maximum(0.0, x)),
    "gelu": lambda tensors, o: both(lambda x: keras.ops.gelu(x, approximate=o["approximate"] == "tanh"), tensors, "x"),
    "gelu by default": elementwise(keras.activations.gelu),
    "sgd with rates": rated,
    "batch norm as told": batch_norm_as_told,
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
    "layerNorm": lambda tensors, o: {
        "y": take(keras.layers.LayerNormalization(epsilon=o["eps"])(put(tensors["x"])))
    },
    "dropout": lambda tensors, o: {"y": take(keras.layers.Dropout(o["p"], seed=o["seed"])(put(tensors["x"]), training=True))},
    "dropout in evaluation": lambda tensors, o: {"y": take(keras.layers.Dropout(o["p"])(put(tensors["x"]), training=False))},
}

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
keras.utils.set_random_seed(0)
# oneDNN computes other things on other CPUs: findings/tensorflow-conv-gradient-one-channel.sh.
cpu = Path("/proc/cpuinfo")
wide = ", on AVX-512" if cpu.exists() and " avx512f" in cpu.read_text() else ""
answer_questions(f"{keras.__version__}, TensorFlow {tf.__version__}{wide}", OPERATIONS)
