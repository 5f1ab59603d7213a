import { type Tensor, tensor } from '@handgrad/tensor'
import type { Binding, Derivation, Step } from '../equations/derivation.ts'
import { type Model, modelOf } from '../equations/model.ts'

/** A tensor of float64 values, nested as its axes are. */
export const t = (values: Parameters<typeof tensor>[0]): Tensor =>
  tensor(values as number[], undefined, { dtype: 'float64' })

/** Steps from `id: equation` or whole ones. */
export function derive(
  lines: Readonly<Record<string, string | Partial<Step>>>,
  more: Partial<Omit<Derivation, 'steps'>> = {},
): Derivation<never> {
  const steps = Object.entries(lines).map(([id, line]): Step => {
    const base = { id, because: '', equation: '' }
    return typeof line === 'string' ? { ...base, equation: line } : { ...base, ...line }
  })
  return { symbols: {}, indices: {}, golden: {}, bind: () => ({ sizes: {}, tensors: {} }), ...more, steps }
}

/** Indices i, j, k, m over the sizes I, J, K, M. */
export const indices = { i: 'I', j: 'J', k: 'K', m: 'M' }

/** The model of these lines with these values. */
export function model(
  lines: Readonly<Record<string, string | Partial<Step>>>,
  tensors: Binding['tensors'],
  sizes: Readonly<Record<string, number>> = {},
  binding: Partial<Binding> = {},
): Model {
  return modelOf(derive(lines, { indices }), {
    tensors,
    sizes: { I: 2, J: 3, K: 2, M: 2, ...sizes },
    ...binding,
  })
}
