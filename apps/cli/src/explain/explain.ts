import type { Layer, Sequential } from '@handgrad/layers'
import { CrossEntropyLoss } from '@handgrad/loss-optim'
import { Tensor } from '@handgrad/tensor'
import { checkFinite } from '../trained/evaluate.ts'
import type { Part, Place } from './explainer.ts'
import { findExplainer } from './find-explainer.ts'

/** A layer on the way: its element, that of its input which is gone on with, and how both passes come about there. */
export interface LayerStep {
  readonly name: string
  readonly layer: string
  readonly at: Place
  readonly from: Place
  readonly forward: readonly Part[]
  readonly backward: readonly Part[]
}

/** A class at the end of the network. */
export interface ClassStep {
  readonly logit: number
  /** e to the logit, less the largest. */
  readonly exp: number
  readonly probability: number
  /** The gradient of the loss. */
  readonly gradient: number
}

/** One image through a network, and back. */
export interface Explanation {
  readonly loss: number
  readonly predicted: number
  /** The class whose logit is followed. */
  readonly followed: number
  readonly classes: readonly ClassStep[]
  /** From the image to the logits. */
  readonly layers: readonly LayerStep[]
}

/**
 * Sends one image [1,…] through the layers and back, and follows one number: a logit, what weighed most in it, what weighed
 * most in that, down to a pixel. `wanted` says which logit; that of the class that the network says unless told.
 */
export async function explain(
  net: Sequential,
  x: Tensor,
  truth: number,
  wanted?: number,
): Promise<Explanation> {
  net.eval()
  net.zeroGrad()
  const layers = net.flat()
  const values: Tensor[] = [x]
  for (const layer of layers) values.push(layer.forward(values[values.length - 1]))
  const logits = values[values.length - 1]
  checkFinite(logits.data, 'an output')
  const criterion = new CrossEntropyLoss()
  const loss = criterion.forward(logits, new Tensor<'int32'>(Int32Array.of(truth), [1])).item()
  criterion.bwd()
  for (const layer of layers.toReversed()) layer.bwd()
  const predicted = logits.data.indexOf(Math.max(...logits.data))
  const followed = wanted ?? predicted
  const steps = await follow(layers, values, [followed])
  net.close()
  return { loss, predicted, followed, classes: classesOf(logits), layers: steps }
}

/** From the last layer to the first, then in the order of the network. */
async function follow(
  layers: readonly Layer[],
  values: readonly Tensor[],
  from: Place,
): Promise<LayerStep[]> {
  const steps: LayerStep[] = []
  let at = from
  for (const [i, layer] of [...layers.entries()].toReversed()) {
    const [input, output] = [values[i], values[i + 1]]
    const passed = { x: input, y: output, dx: input.g!, dy: output.g! }
    const explainer = await findExplainer(layer)
    const step = explainer.forward(layer, passed, at)
    const backward = explainer.backward(layer, passed, at, step.from)
    steps.unshift({
      name: String(i),
      layer: layer.describe(),
      at,
      from: step.from,
      forward: step.forward,
      backward,
    })
    at = step.from
  }
  return steps
}

function classesOf({ data, g }: Tensor): ClassStep[] {
  const most = Math.max(...data)
  const exps = Array.from(data, (logit) => Math.exp(logit - most))
  const sum = exps.reduce((total, exp) => total + exp, 0)
  return exps.map((exp, k) => ({ logit: data[k], exp, probability: exp / sum, gradient: g!.data[k] }))
}
