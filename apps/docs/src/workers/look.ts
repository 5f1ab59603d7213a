import type { Sequential } from '@handgrad/layers'
import { CrossEntropyLoss } from '@handgrad/loss-optim'
import { defaultGenerator, type Tensor, tensor, zeros } from '@handgrad/tensor'
import { models } from '@handgrad/trainer'
import type { Look, Plain, Stage } from './protocol.ts'

const plain = ({ shape, data }: Tensor): Plain => ({ shape: [...shape], data: Float32Array.from(data) })

/** A network of its own with the same parameters: looking at it leaves the training run as it is. */
function copyOf(net: Sequential, model: string): Sequential {
  const state = defaultGenerator.getState()
  const copy = models[model]()
  defaultGenerator.setState(state)
  return copy.loadStateDict(net.stateDict())
}

/** Softmax of one row of logits. */
function probabilitiesOf(logits: Tensor): number[] {
  const max = Math.max(...logits.data)
  const powers = Array.from(logits.data, (z) => Math.exp(z - max))
  const sum = powers.reduce((total, power) => total + power, 0)
  return powers.map((power) => power / sum)
}

/**
 * Passes x [1,1,28,28] through a copy of `net`, layer by layer, and its gradient back.
 *
 * With a label the gradients are those of the loss; without one, those of the predicted class's logit.
 */
export function lookAt(net: Sequential, model: string, x: Tensor, label: number | null): Look {
  const copy = copyOf(net, model)
  const layers = copy.flat()
  const values = [x]
  for (const layer of layers) values.push(layer.forward(values.at(-1)!))
  const logits = values.at(-1)!
  const predicted = logits.data.indexOf(Math.max(...logits.data))
  const loss = setUpstream(logits, label, predicted)
  for (const layer of layers.toReversed()) layer.bwd()
  const stages = values.map((value, i): Stage => {
    const layer = layers[i - 1]
    return {
      name: layer?.describe() ?? 'input',
      kind: layer?.describe().split('(')[0] ?? 'input',
      value: plain(value),
      gradient: plain(value.g!),
      parameters: (layer?.namedParameters() ?? []).map(([name, p]) => ({
        name,
        value: plain(p),
        gradient: plain(p.g!),
      })),
    }
  })
  return { stages, probabilities: probabilitiesOf(logits), predicted, label, loss }
}

/** Writes `logits.g`: the loss's gradient, or 1 at the predicted class. */
function setUpstream(logits: Tensor, label: number | null, predicted: number): number | null {
  if (label === null) {
    const g: Tensor<'float32'> = zeros(logits.shape)
    g.data[predicted] = 1
    logits.g = g
    return null
  }
  const criterion = new CrossEntropyLoss()
  const loss = criterion.forward(logits, tensor(Int32Array.of(label)))
  criterion.bwd()
  return loss.item()
}
