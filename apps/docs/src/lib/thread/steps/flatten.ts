import type { Pass } from '../pass.ts'
import { gradient, numbers, type ThreadStep } from '../step.ts'

/** The same numbers as a row. */
export function flattenStep({ values: [, , , x, y] }: Pass): ThreadStep {
  return {
    id: 'flatten',
    title: 'Flatten',
    page: 'layers/flatten',
    forward: [numbers('x', 'from the pooling', x), numbers('y', 'output', y)],
    backward: [
      numbers('dy', 'from the linear layer', gradient(y)),
      numbers('dx', 'gradient of the input', gradient(x)),
    ],
    byHand: [],
    address: null,
  }
}
