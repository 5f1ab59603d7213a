import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import { asked, images, labels, layers, serve } from './protocol.mjs'

// Its WASM backend cannot train a convolution: Conv2DBackpropFilter is not registered there.
if (asked.mode === 'infer') {
  const folder = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))
  setWasmPaths(join(folder, '/'))
  setThreadsCount(asked.threads)
  await tf.setBackend('wasm')
} else await tf.setBackend('cpu')
await tf.ready()

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
const x = tf.tensor4d(images, [asked.batch, 28, 28, 1])
const y = tf.oneHot(tf.tensor1d(labels, 'int32'), 10)
const sgd = tf.train.sgd(0.01)
await serve(async () => {
  if (asked.mode === 'train') {
    sgd.minimize(() => tf.losses.softmaxCrossEntropy(y, net.apply(x, { training: true })))
    return
  }
  const logits = tf.tidy(() => net.predict(x))
  await logits.data()
  logits.dispose()
})
