import type { Layer } from '@handgrad/layers'
import { Tensor } from '@handgrad/tensor'
import type { Named, Twin } from './twin.ts'

/** A layer of the twin with the tensors around it: what it reads, and the name of the gradient that it writes. */
export interface Place {
  readonly name: string
  readonly layer: Layer
  readonly inputName: string
  readonly input: Tensor
  /** Of the input's gradient. */
  readonly into: string
}

/** Every layer with what is around it in the pass that gave `tensors`. */
export function places(twin: Twin, tensors: Named): Place[] {
  let [inputName, into] = ['x', 'dx']
  return twin.layers.map(([name, layer]) => {
    const place = { name, layer, inputName, input: tensors[inputName], into }
    ;[inputName, into] = [`y.${name}`, `dy.${name}`]
    return place
  })
}

/** max |value|; 0 for no elements. */
export function largest({ data }: Tensor): number {
  let most = 0
  for (let i = 0; i < data.length; i++) most = Math.max(most, Math.abs(data[i]))
  return most
}

/** Every element without its sign. */
export function absolute(value: Tensor): Tensor {
  return new Tensor(
    value.data.map((element) => Math.abs(element)),
    value.shape,
  )
}

/** Runs `use` with every parameter replaced by its magnitude: layers then compute Σ|terms|. */
export function withMagnitudes<T>(twin: Twin, use: () => T): T {
  const kept = twin.parameters.map(([, parameter]) => [parameter, parameter.data.slice()] as const)
  for (const [parameter] of kept) parameter.data.set(absolute(parameter).data)
  try {
    return use()
  } finally {
    for (const [parameter, values] of kept) parameter.data.set(values)
  }
}

/** max Σ|terms| of every tensor that is a sum; layers without parameters add no rounding. */
export function largestSums(twin: Twin, tensors: Named): Record<string, number> {
  const last = twin.layers[twin.layers.length - 1][0]
  const sums = { loss: largest(tensors.loss), [`dy.${last}`]: largest(tensors[`dy.${last}`]) }
  withMagnitudes(twin, () => {
    for (const { name, layer, input, into } of places(twin, tensors)) {
      if (layer.parameters().length === 0) continue
      const { y, dx } = twin.passLayer(layer, absolute(input), () => absolute(tensors[`dy.${name}`]))
      sums[`y.${name}`] = largest(y)
      sums[into] = largest(dx)
      for (const [own, parameter] of layer.namedParameters()) sums[`d.${name}.${own}`] = largest(parameter.g!)
    }
  })
  return sums
}
