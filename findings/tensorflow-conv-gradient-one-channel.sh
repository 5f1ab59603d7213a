#!/usr/bin/env bash
# TensorFlow 2.21.0 on a CPU with AVX-512: the gradient of a convolution's input is wrong where there is one channel in and one out.
#
# One would guess that a gradient does not depend on how many channels there are. Here every tap of the kernel but the first is
# left out, with oneDNN, which is on unless told otherwise; the output and the kernel's gradient are right, and so is the
# input's with two channels, with TF_ENABLE_ONEDNN_OPTS=0, and with the instructions of AVX2 alone. Training does not stop at it:
# only what lies before such a convolution gets the wrong gradient.
set -euo pipefail
grep -q avx512f /proc/cpuinfo || { echo 'this CPU has no AVX-512: there is nothing to see'; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet keras==3.15.1 tensorflow-cpu==2.21.0
cat >run.py <<'CODE'
import keras
import tensorflow as tf

x = tf.constant([1.0, 2.0, 3.0], shape=[1, 1, 3, 1])
layer = keras.layers.Conv2D(1, (1, 2), use_bias=False)
layer.build(x.shape)
layer.kernel.assign(tf.constant([1.0, 10.0], shape=[1, 2, 1, 1]))
with tf.GradientTape() as tape:
    tape.watch(x)
    y = layer(x)
dx, dw = tape.gradient(y, [x, layer.kernel.value])
print("y", y.numpy().ravel(), "dx", dx.numpy().ravel(), "dw", dw.numpy().ravel())
CODE
cat >expected <<'SEEN'
as installed    y [21. 32.] dx [1. 1. 0.] dw [3. 5.]
without oneDNN  y [21. 32.] dx [ 1. 11. 10.] dw [3. 5.]
with AVX2 alone y [21. 32.] dx [ 1. 11. 10.] dw [3. 5.]
SEEN
{
  echo "as installed    $(venv/bin/python run.py 2>/dev/null)"
  echo "without oneDNN  $(TF_ENABLE_ONEDNN_OPTS=0 venv/bin/python run.py 2>/dev/null)"
  echo "with AVX2 alone $(ONEDNN_MAX_CPU_ISA=AVX2 venv/bin/python run.py 2>/dev/null)"
} >seen
diff expected seen && echo 'as it was seen'
