#!/usr/bin/env bash
# Keras 3.15.1: categorical cross-entropy with label smoothing and axis=1 spreads over the size of the last axis, not of axis 1.
#
# One would guess that a loss is the same whichever axis has the classes, as it is without smoothing: axis says which one. Here
# the smoothed part is divided by how long the last axis is, which is the classes only where they come last, so labels no longer
# sum to 1: the loss of two pixels of three classes changes when they are stored with the classes first.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet keras==3.15.1 tensorflow-cpu==2.21.0
cat >run.py <<'CODE'
import keras
import numpy as np

logits = np.array([[[1.0, 0.0, -1.0], [1.0, 0.0, -1.0]]], dtype="float32")
labels = np.array([[[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]], dtype="float32")
for smoothing in (0.0, 0.1):
    last = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing)
    first = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing, axis=1)
    a, b = last(labels, logits), first(labels.transpose(0, 2, 1), logits.transpose(0, 2, 1))
    print(f"smoothing {smoothing}: classes last {float(a):.6f}, classes first {float(b):.6f}")
CODE
cat >expected <<'SEEN'
smoothing 0.0: classes last 0.407606, classes first 0.407606
smoothing 0.1: classes last 0.507606, classes first 0.577986
SEEN
KERAS_BACKEND=tensorflow venv/bin/python run.py 2>/dev/null >seen
diff expected seen && echo 'as it was seen'
