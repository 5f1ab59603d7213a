import convnetjs from 'convnetjs'
import { folder, inTurn, layersOf, mnistBatches, serve } from './network.mjs'

function build(layers) {
  const defs = [{ type: 'input', out_sx: 28, out_sy: 28, out_depth: 1 }]
  for (const [i, [kind, , out, size, pad]] of layers.entries()) {
    const activation = layers[i + 1]?.[0] === 'relu' ? { activation: 'relu' } : {}
    if (kind === 'conv') defs.push({ type: 'conv', sx: size, filters: out, stride: 1, pad, ...activation })
    if (kind === 'pool') defs.push({ type: 'pool', sx: 2, stride: 2 })
    if (kind === 'linear' && i === layers.length - 1) defs.push({ type: 'softmax', num_classes: out })
    else if (kind === 'linear') defs.push({ type: 'fc', num_neurons: out, ...activation })
  }
  const net = new convnetjs.Net()
  net.makeLayers(defs)
  return net
}

function volumeOf(pixels) {
  const volume = new convnetjs.Vol(28, 28, 1, 0)
  for (let i = 0; i < 784; i++) volume.w[i] = pixels[i]
  return volume
}

await serve(({ network, batch, mode }) => {
  const net = build(layersOf(network))
  const options = { method: 'sgd', learning_rate: 0.01, momentum: 0, batch_size: batch }
  const trainer = new convnetjs.Trainer(net, options)
  const next = inTurn(
    mnistBatches(folder, batch).map(({ x, y }) =>
      Array.from(y, (label, n) => [volumeOf(x.subarray(n * 784, (n + 1) * 784)), label]),
    ),
  )
  return () => {
    for (const [volume, label] of next()) {
      if (mode === 'train') trainer.train(volume, label)
      else net.forward(volume)
    }
  }
})
