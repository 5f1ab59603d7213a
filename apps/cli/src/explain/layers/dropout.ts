import { Dropout } from '@handgrad/layers'
import { type Explainer, named, valueAt } from '../explainer.ts'

/** Nothing is dropped where nothing is trained: y = x. */
export const explainer: Explainer<Dropout> = {
  of: Dropout,
  forward: (_, { x, y }, at) => ({
    forward: [
      {
        name: named('y', at),
        value: valueAt(y, at),
        rule: 'nothing is dropped outside of training',
        terms: [{ name: named('x', at), value: valueAt(x, at) }],
      },
    ],
    from: at,
  }),
  backward: (_, { dx, dy }, at) => [
    {
      name: named('dx', at),
      value: valueAt(dx, at),
      terms: [{ name: named('dy', at), value: valueAt(dy, at) }],
    },
  ],
}
