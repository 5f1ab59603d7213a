import { Layer } from '@handgrad/layers'
import { type Explainer, named, type Place, valueAt } from './explainer.ts'

/** The place whose value and gradient together weigh most: of those that the layer could have used, the one that mattered. */
function mostUsed(
  { shape, data }: { shape: readonly number[]; data: ArrayLike<number> },
  gradient: ArrayLike<number>,
): Place {
  let most = 0
  for (let i = 0; i < data.length; i++)
    if (Math.abs(data[i] * gradient[i]) > Math.abs(data[most] * gradient[most])) most = i
  const place: number[] = []
  for (let axis = shape.length - 1; axis > 0; axis--) {
    place.unshift(most % shape[axis])
    most = Math.floor(most / shape[axis])
  }
  return place
}

/** A layer whose formula is not told here: what went in, what came out, and the gradients. */
export const explainer: Explainer = {
  of: Layer,
  forward(_, { x, y, dx }, at) {
    const isSame = x.shape.join() === y.shape.join()
    const from = isSame ? at : mostUsed(x, dx.data)
    const rule = isSame
      ? 'its formula is not told here; gone on with at the same place'
      : 'its formula is not told here; gone on with where x·dx is largest'
    return {
      forward: [
        { name: named('y', at), value: valueAt(y, at), rule, terms: [] },
        { name: named('x', from), value: valueAt(x, from) },
      ],
      from,
    }
  },
  backward: (_, { dx }, __, from) => [{ name: named('dx', from), value: valueAt(dx, from) }],
}
