#!/usr/bin/env bash
# TensorFlow.js 4.22.0 from its parts (core, a backend, layers): the gradient of tf.prod and the LSTM layer throw.
#
# One would guess that a function that was imported can be differentiated, and that a layer can be built. Both call methods
# of tensors (reshape, flatten) that only the whole package @tensorflow/tfjs adds to them. With the gradients it is the
# other way round: core and a backend alone have none, and tf.grad of a sum throws; to import layers adds them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts \
  @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 @tensorflow/tfjs-layers@4.22.0
cat >run.cjs <<'CODE'
const tf = require('@tensorflow/tfjs-core')
require('@tensorflow/tfjs-backend-cpu')
const show = (name, work) => {
  try {
    console.log(name, work())
  } catch (error) {
    console.log(name, 'threw:', error.message)
  }
}
const x = tf.tensor1d([1, 2, 3])
const slopes = (f) => [...tf.grad(f)(x).dataSync()]
show('sum, core and cpu:', () => slopes((v) => tf.sum(v)))
const layers = require('@tensorflow/tfjs-layers')
show('sum, with layers:', () => slopes((v) => tf.sum(v)))
show('prod:', () => slopes((v) => tf.prod(v)))
show('lstm:', () => {
  const lstm = layers.layers.lstm({ units: 1 })
  lstm.build([1, 1, 1])
  return lstm.getWeights().length
})
CODE
cat >expected <<'SEEN'
sum, core and cpu: threw: Cannot compute gradient: gradient function not found for Sum.
sum, with layers: [ 1, 1, 1 ]
prod: threw: permutedX.reshape is not a function
lstm: threw: rMat.flatten is not a function
SEEN
node run.cjs 2>/dev/null >seen
diff expected seen && echo 'as it was seen'
