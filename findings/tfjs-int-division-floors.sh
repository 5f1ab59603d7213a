#!/usr/bin/env bash
# TensorFlow.js 4.22.0: tf.div of two int32 tensors floors; with a number it gives a fraction.
#
# One would guess true division, or one rounding for all. A plain number beside an
# int32 tensor is made a float32: the same quotient is then -3.5.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @tensorflow/tfjs@4.22.0
cat >run.cjs <<'CODE'
const tf = require('@tensorflow/tfjs')
const x = tf.tensor1d([7, -7], 'int32')
const show = (y) => console.log(y.dtype, [...y.dataSync()])
show(tf.div(x, tf.tensor1d([2, 2], 'int32')))
show(tf.div(x, 2))
show(tf.mean(x.sub(tf.scalar(1, 'int32'))))
CODE
cat >expected <<'SEEN'
int32 [ 3, -4 ]
float32 [ 3.5, -3.5 ]
float32 [ -1 ]
SEEN
node run.cjs 2>/dev/null >seen
diff expected seen && echo 'as it was seen'
