#!/usr/bin/env bash
# TensorFlow.js 4.22.0: max, argMax and topk do not agree on where a NaN stands.
#
# One would guess one order for all three, with NaN as the largest or left out. max gives NaN; argMax
# points at it only where it comes first, and else at the largest number; topk sorts around one that comes first, and leaves
# the list unsorted around one that does not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @tensorflow/tfjs@4.22.0
cat >run.cjs <<'CODE'
const tf = require('@tensorflow/tfjs')
for (const values of [[1, NaN, 2], [NaN, 1, 2], [2, NaN, 5]]) {
  const x = tf.tensor1d(values)
  const [at] = tf.argMax(x).dataSync()
  console.log(values, 'max', tf.max(x).dataSync()[0], 'argMax', at, 'topk', [...tf.topk(x, 3).values.dataSync()])
}
CODE
cat >expected <<'SEEN'
[ 1, NaN, 2 ] max NaN argMax 2 topk [ 1, NaN, 2 ]
[ NaN, 1, 2 ] max NaN argMax 0 topk [ NaN, 2, 1 ]
[ 2, NaN, 5 ] max NaN argMax 2 topk [ 2, NaN, 5 ]
SEEN
node run.cjs 2>/dev/null >seen
diff expected seen && echo 'as it was seen'
