import type { Layer, Sequential } from '@handgrad/layers'
import { CrossEntropyLoss } from '@handgrad/loss-optim'
import { defaultGenerator, type Tensor, tensor, zeros } from '@handgrad/tensor'
import { models } from '@handgrad/trainer'
import { softmax } from '../../../cli/src/softmax.ts'
import type { Look, Plain, Stage } from './protocol.ts'
import { readsOf } from './reads.ts'

/** A tensor as it crosses between threads. */
export const plain = ({ shape, data }: Tensor): Plain => ({
  shape: [...shape],
  data: Float32Array.from(data),
})

/** A model with random weights, made without moving the default generator. */
export function modelOf(name: string, before: () => void = () => {}): Sequential {
  const state = defaultGenerator.getState()
  before()
  const net = models[name]()
  defaultGenerator.setState(state)
  return net
}

/** x and what comes out of each layer in turn. */
export function passThrough(layers: readonly Layer[], x: Tensor): Tensor[] {
  const values = [x]
  for (const layer of layers) values.push(layer.forward(values.at(-1)!))
  return values
}

/** What a pass left behind, forward and backward. How each layer reads is for {@link withReads} to say, of one image. */
export function stagesOf(layers: readonly Layer[], values: readonly Tensor[]): Stage[] {
  return values.map((value, i): Stage => {
    const layer = layers[i - 1]
    return {
      name: layer?.describe() ?? 'input',
      kind: layer?.describe().split('(')[0] ?? 'input',
      value: plain(value),
      gradient: plain(value.g!),
      reads: null,
      torch: null,
      parameters: (layer?.namedParameters() ?? []).map(([name, p]) => ({
        name,
        value: plain(p),
        gradient: plain(p.g!),
        torch: null,
      })),
    }
  })
}

/** The stages of one image, and how each layer reads the one before. */
export function withReads(layers: readonly Layer[], stages: readonly Stage[]): Stage[] {
  return stages.map((stage, i) =>
    i === 0 ? stage : { ...stage, reads: readsOf(layers[i - 1], stages[i - 1].value) },
  )
}

/**
 * Passes x [1,1,28,28] through a copy of `net`, layer by layer, and its gradient back: the run stays as it is.
 *
 * With a label the gradients are those of the loss; without one, those of the predicted class's logit.
 */
export function lookAt(net: Sequential, model: string, x: Tensor, label: number | null): Look {
  const layers = modelOf(model).loadStateDict(net.stateDict()).flat()
  const values = passThrough(layers, x)
  const logits = values.at(-1)!
  const predicted = logits.data.indexOf(Math.max(...logits.data))
  const loss = setUpstream(logits, label, predicted)
  for (const layer of layers.toReversed()) layer.bwd()
  const stages = withReads(layers, stagesOf(layers, values))
  return { stages, probabilities: softmax(logits.data), predicted, label, loss, recorded: null }
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
