import convnetjs from 'convnetjs'
import { asked, images, labels, layers, serve } from './protocol.mjs'

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
const trainer = new convnetjs.Trainer(net, {
  method: 'sgd',
  learning_rate: 0.01,
  momentum: 0,
  batch_size: asked.batch,
})
const volumes = Array.from({ length: asked.batch }, (_, n) => {
  const volume = new convnetjs.Vol(28, 28, 1, 0)
  for (let i = 0; i < 784; i++) volume.w[i] = images[n * 784 + i]
  return volume
})
await serve(() => {
  for (const [n, volume] of volumes.entries()) {
    if (asked.mode === 'train') trainer.train(volume, labels[n])
    else net.forward(volume)
  }
})
