#!/usr/bin/env bash
# TensorFlow 2.21.0 on a CPU: a convolution of a batch without images has the shape of its input, not of an output.
#
# One would guess what the same convolution gives for one image, with 0 in place of 1: the last, empty batch of a filtered data
# set then goes through a network like any other. With oneDNN, which is on unless told otherwise, neither the channels nor the
# rows and columns change, so adding a bias or the next layer fails; with TF_ENABLE_ONEDNN_OPTS=0 the shape is right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet tensorflow-cpu==2.21.0
cat >run.py <<'CODE'
import tensorflow as tf

kernel = tf.zeros([3, 3, 3, 4])
shapes = [tf.nn.conv2d(tf.zeros([n, 7, 5, 3]), kernel, 1, "VALID").shape for n in (1, 0)]
print("one image", tuple(shapes[0]), "none", tuple(shapes[1]))
CODE
cat >expected <<'SEEN'
as installed    one image (1, 5, 3, 4) none (0, 7, 5, 3)
without oneDNN  one image (1, 5, 3, 4) none (0, 5, 3, 4)
SEEN
{
  echo "as installed    $(venv/bin/python run.py 2>/dev/null)"
  echo "without oneDNN  $(TF_ENABLE_ONEDNN_OPTS=0 venv/bin/python run.py 2>/dev/null)"
} >seen
diff expected seen && echo 'as it was seen'
