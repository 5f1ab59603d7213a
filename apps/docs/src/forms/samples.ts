import type { Checkable } from '@handgrad/gradcheck'
import { type DType, Generator, randn, type Tensor, tensor } from '@handgrad/tensor'
import type { Forms } from '../lib/forms/forms.ts'

type Sample = ReturnType<Forms['sample']>

/** Random numbers, the same ones for each seed. */
export function numbers(shape: readonly number[], seed = 1): Tensor {
  return randn(shape, { generator: new Generator(seed), dtype: 'float64' })
}

/** One pass of a layer by the library, named as golden values are. */
export function passOf(
  layer: Checkable,
  inputs: Readonly<Record<string, Tensor<DType>>>,
  item: unknown = {},
): Sample {
  const [x] = Object.values(inputs) as [Tensor]
  const y = layer.forward(...Object.values(inputs))
  const dy = numbers(y.shape, 2)
  y.g = dy
  layer.bwd()
  const parameters = layer.namedParameters?.() ?? []
  const values: Record<string, Tensor> = { ...(inputs as Record<string, Tensor>), y, dy, dx: x.g! }
  for (const [name, parameter] of parameters) {
    values[`param.${name}`] = parameter
    values[`d${name}`] = parameter.g!
  }
  return { item, values }
}

/** K steps of the library's optimizer on one parameter, named as golden values are. */
export function stepsOf(make: (p: Tensor) => { step(): void }, options: object, K: number): Sample {
  const p = numbers([1])
  const values: Record<string, Tensor> = { 'param.w': p.clone() }
  const optimizer = make(p)
  for (let k = 1; k <= K; k++) {
    p.g = values[`grad.w.${k}`] = numbers([1], 10 + k)
    optimizer.step()
    values[`w.${k}`] = tensor(Float64Array.from(p.data))
  }
  return { item: { name: '', params: { w: { shape: [1] } }, steps: K, options }, values }
}
