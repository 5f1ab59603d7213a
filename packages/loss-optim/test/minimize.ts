import { type Tensor, tensor } from '@handgrad/tensor'
import type { Optimizer } from '../src/index.ts'

/** Steps with these gradients, one list of numbers (or null, for none) a parameter, and gives the values after each. */
export function steps(optimizer: Optimizer<{ lr: number }>, gradients: (number[] | null)[][]): number[][] {
  return gradients.map((each) => {
    optimizer.parameters.forEach((parameter, i) => {
      const g = each[i] ?? null
      parameter.g = g === null ? null : (tensor(g, parameter.shape, { dtype: parameter.dtype }) as Tensor)
    })
    optimizer.step()
    return optimizer.parameters.flatMap(({ data }) => [...data])
  })
}
