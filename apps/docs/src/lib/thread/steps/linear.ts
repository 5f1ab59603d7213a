import { linear } from '../../../explorers/linear.ts'
import { explored } from '../explored.ts'
import { digits, type Pass } from '../pass.ts'
import { gradient, numbers, type ThreadStep } from '../step.ts'

/** A score for each digit. */
export function linearStep({ values: [, , , , x, y], before }: Pass): ThreadStep {
  const [w, b] = before.get(4)!
  const names = digits.map(String)
  return {
    id: 'linear',
    title: 'Linear',
    page: 'layers/linear',
    forward: [
      numbers('x', 'from Flatten', x),
      { ...numbers('w', 'weights, a row for each digit', w), rows: names },
      numbers('b', 'bias', b),
      numbers('y', 'a score for each digit', y),
    ],
    backward: [
      numbers('dy', 'from the loss', gradient(y)),
      numbers('dx', 'gradient of the input', gradient(x)),
      { ...numbers('dw', 'gradient of the weights', gradient(w)), rows: names },
      numbers('db', 'gradient of the bias', gradient(b)),
    ],
    ...explored(
      linear,
      { rows: 1, inFeatures: x.shape[1], outFeatures: y.shape[1] },
      { x, w, b, dy: gradient(y) },
      { y, dx: gradient(x) },
    ),
  }
}
