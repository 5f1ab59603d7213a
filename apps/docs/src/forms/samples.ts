import type { Checkable } from '@handgrad/gradcheck'
import { type DType, Generator, randn, type Tensor } from '@handgrad/tensor'
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
