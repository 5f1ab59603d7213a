import { Flatten } from '@handgrad/layers'
import { type Explainer, named, type Place, valueAt } from '../explainer.ts'

/** The place with the same offset in another shape. */
function moved(place: Place, from: readonly number[], to: readonly number[]): Place {
  let offset = place.reduce((sum, index, axis) => sum * from[axis + 1] + index, 0)
  const found: number[] = []
  for (let axis = to.length - 1; axis > 0; axis--) {
    found.unshift(offset % to[axis])
    offset = Math.floor(offset / to[axis])
  }
  return found
}

/** The same numbers in another shape. */
export const explainer: Explainer<Flatten> = {
  of: Flatten,
  forward(_, { x, y }, at) {
    const from = moved(at, y.shape, x.shape)
    const terms = [{ name: named('x', from), value: valueAt(x, from) }]
    return { forward: [{ name: named('y', at), value: valueAt(y, at), terms }], from }
  },
  backward: (_, { dx, dy }, at, from) => [
    {
      name: named('dx', from),
      value: valueAt(dx, from),
      terms: [{ name: named('dy', at), value: valueAt(dy, at) }],
    },
  ],
}
