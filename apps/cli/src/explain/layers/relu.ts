import { ReLU } from '@handgrad/layers'
import { type Explainer, named, valueAt } from '../explainer.ts'

/** y = max(0, x). */
export const explainer: Explainer<ReLU> = {
  of: ReLU,
  forward: (_, { x, y }, at) => ({
    forward: [
      {
        name: named('y', at),
        value: valueAt(y, at),
        terms: [{ name: `max(0, ${named('x', at)})`, value: Math.max(0, valueAt(x, at)) }],
        rule: ruleOf(valueAt(x, at)),
      },
    ],
    from: at,
  }),
  backward: (_, { x, dy, dx }, at) => {
    const [value, gradient] = [valueAt(x, at), valueAt(dy, at)]
    const factor = value <= 0 ? 0 : 1
    const name = `1(x > 0)·${named('dy', at)}`
    return [
      {
        name: named('dx', at),
        value: valueAt(dx, at),
        terms: [{ name, factors: [factor, gradient], value: factor * gradient }],
      },
    ]
  },
}

const ruleOf = (x: number): string =>
  x > 0
    ? 'x is above 0 and passes, and so will its gradient'
    : 'x is not above 0: nothing passes, and no gradient will'
