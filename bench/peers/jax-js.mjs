import { defaultDevice, init, jit, lax, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax'
import { folder, inTurn, layersOf, mnistBatches, serve } from './network.mjs'

// Arrays are counted: `.ref` keeps one for another use, every other use gives it away.
await init('wasm')
defaultDevice('wasm')

function weights(layers) {
  return layers.flatMap(([kind, inputs, outputs, size = 1]) => {
    if (kind !== 'conv' && kind !== 'linear') return []
    const count = outputs * inputs * size * size
    const bound = 1 / Math.sqrt(inputs * size * size)
    const w = np.array(Float32Array.from({ length: count }, () => (2 * Math.random() - 1) * bound))
    const shape = kind === 'conv' ? [outputs, inputs, size, size] : [outputs, inputs]
    return [{ w: w.reshape(shape), b: np.zeros([outputs]) }]
  })
}

const makeForward = (layers) => (parameters, x) => {
  const left = [...parameters]
  for (const [kind, , outputs, , pad] of layers) {
    if (kind === 'relu') x = nn.relu(x)
    if (kind === 'pool') x = lax.reduceWindow(x, np.max, [2, 2], [2, 2])
    if (kind === 'flatten') x = x.reshape([x.shape[0], -1])
    if (kind === 'conv') {
      const { w, b } = left.shift()
      const padding = [
        [pad, pad],
        [pad, pad],
      ]
      x = lax.conv(x, w, [1, 1], padding).add(b.reshape([1, outputs, 1, 1]))
    }
    if (kind === 'linear') {
      const { w, b } = left.shift()
      x = np.dot(x, w.transpose()).add(b)
    }
  }
  return x
}

await serve(({ network, batch, mode }) => {
  const layers = layersOf(network)
  const forward = makeForward(layers)
  const lossOf = (parameters, x, y) =>
    nn
      .logSoftmax(forward(parameters, x))
      .mul(nn.oneHot(y, 10))
      .sum()
      .mul(-1 / batch)
  const update = jit((parameters, x, y) => {
    const [loss, gradients] = valueAndGrad(lossOf)(tree.ref(parameters), x, y)
    return [loss, tree.map((p, g) => p.sub(g.mul(0.01)), parameters, gradients)]
  })
  const infer = jit(forward)
  let parameters = weights(layers)
  const next = inTurn(
    mnistBatches(folder, batch).map(({ x, y }) => ({
      x: np.array(x).reshape([batch, 1, 28, 28]),
      y: np.array(y),
    })),
  )
  return async () => {
    const { x, y } = next()
    if (mode === 'infer') {
      const logits = infer(tree.ref(parameters), x.ref)
      await logits.data()
      return
    }
    const [loss, moved] = update(parameters, x.ref, y.ref)
    parameters = moved
    await loss.data()
  }
})
