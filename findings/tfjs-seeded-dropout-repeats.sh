#!/usr/bin/env bash
# TensorFlow.js 4.22.0: a dropout layer with a seed drops the same units in every step.
#
# One would guess that a seed makes a sequence of masks that can be repeated. The seed is handed
# to each call anew: the layer has one mask for the whole training, and the units that it drops are never trained.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @tensorflow/tfjs@4.22.0
cat >run.cjs <<'CODE'
const tf = require('@tensorflow/tfjs')
const masks = (options) => {
  const layer = tf.layers.dropout({ rate: 0.5, ...options })
  const calls = Array.from({ length: 20 }, () => layer.apply(tf.ones([1, 64]), { training: true }))
  return new Set(calls.map((y) => y.dataSync().join())).size
}
console.log('different masks in 20 steps, with a seed:', masks({ seed: 3 }))
console.log('different masks in 20 steps, without:', masks({}))
CODE
cat >expected <<'SEEN'
different masks in 20 steps, with a seed: 1
different masks in 20 steps, without: 20
SEEN
node run.cjs 2>/dev/null >seen
diff expected seen && echo 'as it was seen'
