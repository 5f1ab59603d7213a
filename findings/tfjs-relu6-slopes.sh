#!/usr/bin/env bash
# TensorFlow.js 4.22.0: relu6 has slope 0 at 0 and slope 1 at 6.
#
# One would guess the same slope at both ends: 0, as it is at 0; or 1, as tf.clipByValue has at both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @tensorflow/tfjs@4.22.0
cat >run.cjs <<'CODE'
const tf = require('@tensorflow/tfjs')
const x = tf.tensor1d([-1, 0, 3, 6, 7])
console.log('relu6      ', [...tf.grad((v) => tf.relu6(v))(x).dataSync()])
console.log('clipByValue', [...tf.grad((v) => tf.clipByValue(v, 0, 6))(x).dataSync()])
CODE
cat >expected <<'SEEN'
relu6       [ 0, 0, 1, 1, 0 ]
clipByValue [ 0, 1, 1, 1, 0 ]
SEEN
node run.cjs 2>/dev/null >seen
diff expected seen && echo 'as it was seen'
