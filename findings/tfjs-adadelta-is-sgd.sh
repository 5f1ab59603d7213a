#!/usr/bin/env bash
# TensorFlow.js 4.22.0: tf.train.adadelta takes the very steps of tf.train.sgd.
#
# One would guess that Adadelta's first steps are tiny, as its running mean of squared updates starts at 0 (Zeiler,
# 2012). Here each step divides by the means as they were before it,
# both start at 0, and the update that is averaged is then the gradient itself: the two means stay equal, their quotient
# is 1, and what is left is the learning rate times the gradient, for ever.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @tensorflow/tfjs@4.22.0
cat >run.cjs <<'CODE'
const tf = require('@tensorflow/tfjs')
const run = (optimizer) => {
  const x = tf.variable(tf.tensor1d([1, -3]))
  const seen = []
  for (let i = 0; i < 60; i++) {
    optimizer.minimize(() => tf.sum(tf.square(x)))
    seen.push(...x.dataSync())
  }
  return seen
}
const [adadelta, sgd] = [run(tf.train.adadelta(0.1)), run(tf.train.sgd(0.1))]
const apart = Math.max(...adadelta.map((value, i) => Math.abs(value - sgd[i])))
console.log('after 1 step  ', adadelta.slice(0, 2).map((v) => v.toFixed(4)), sgd.slice(0, 2).map((v) => v.toFixed(4)))
console.log('after 60 steps', adadelta.slice(-2).map((v) => v.toExponential(3)), sgd.slice(-2).map((v) => v.toExponential(3)))
console.log('further apart than 1e-6 at any step:', apart > 1e-6)
CODE
cat >expected <<'SEEN'
after 1 step   [ '0.8000', '-2.4000' ] [ '0.8000', '-2.4000' ]
after 60 steps [ '1.532e-6', '-4.597e-6' ] [ '1.532e-6', '-4.597e-6' ]
further apart than 1e-6 at any step: false
SEEN
node run.cjs 2>/dev/null >seen
diff expected seen && echo 'as it was seen'
