import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import { folder, inTurn, layersOf, mnistBatches, serve, variant } from './network.mjs'

if (variant === 'wasm') {
  const files = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))
  setWasmPaths(join(files, '/'))
  setThreadsCount(1)
}
await tf.setBackend(variant)
await tf.ready()

function build(layers) {
  const net = tf.sequential()
  for (const [i, [kind, , out, size, pad]] of layers.entries()) {
    const first = i === 0 ? { inputShape: [28, 28, 1] } : {}
    const activation = layers[i + 1]?.[0] === 'relu' ? { activation: 'relu' } : {}
    const padding = pad > 0 ? 'same' : 'valid'
    if (kind === 'conv')
      net.add(tf.layers.conv2d({ filters: out, kernelSize: size, padding, ...activation, ...first }))
    if (kind === 'pool') net.add(tf.layers.maxPooling2d({ poolSize: 2 }))
    if (kind === 'flatten') net.add(tf.layers.flatten(first))
    if (kind === 'linear') net.add(tf.layers.dense({ units: out, ...activation }))
  }
  return net
}

let tensors = []
await serve(({ network, batch, mode }) => {
  tf.dispose(tensors)
  const net = build(layersOf(network))
  tensors = mnistBatches(folder, batch).map(({ x, y }) => ({
    x: tf.tensor4d(x, [batch, 28, 28, 1]),
    y: tf.tidy(() => tf.oneHot(tf.tensor1d(y, 'int32'), 10)),
  }))
  const next = inTurn(tensors)
  const sgd = tf.train.sgd(0.01)
  if (mode === 'train')
    return async () => {
      const { x, y } = next()
      const loss = sgd.minimize(
        () => tf.losses.softmaxCrossEntropy(y, net.apply(x, { training: true })),
        true,
      )
      await loss.data()
      loss.dispose()
    }
  return async () => {
    const logits = tf.tidy(() => net.predict(next().x))
    await logits.data()
    logits.dispose()
  }
})
