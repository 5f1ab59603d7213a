#!/usr/bin/env bash
# TensorFlow.js 4.22.0: a loss whose weights are all 0 is NaN, and the log loss of a perfect prediction is below 0.
#
# One would guess 0 for both: where no weight is left (a batch of padding) there is nothing to pay, and a log loss is not
# negative. Here the sum is divided by the number of weights that are not 0, whatever that is; and epsilon is added inside
# the logarithm, so that a prediction of 1 counts as 1.0000001.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @tensorflow/tfjs@4.22.0
cat >run.cjs <<'CODE'
const tf = require('@tensorflow/tfjs')
const [y, p] = [tf.tensor1d([1, 0]), tf.tensor1d([0.5, 0.5])]
console.log('all weights 0:', tf.losses.meanSquaredError(y, p, tf.tensor1d([0, 0])).dataSync()[0])
console.log('one weight 0: ', tf.losses.meanSquaredError(y, p, tf.tensor1d([0, 1])).dataSync()[0])
console.log('perfect:', tf.losses.logLoss(y, y).dataSync()[0] < 0 ? 'below 0' : 'not below 0')
CODE
cat >expected <<'SEEN'
all weights 0: NaN
one weight 0:  0.25
perfect: below 0
SEEN
node run.cjs 2>/dev/null >seen
diff expected seen && echo 'as it was seen'
