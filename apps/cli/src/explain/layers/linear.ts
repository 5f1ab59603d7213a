import { Linear } from '@handgrad/layers'
import {
  type Explainer,
  heaviest,
  named,
  type Passed,
  type Place,
  product,
  type Term,
  valueAt,
} from '../explainer.ts'

/** w[k,j]·x[…,j] for every j. */
function termsOf({ weight, inFeatures }: Linear, { x }: Passed, at: Place): (Term & { from: Place })[] {
  const [row, k] = [at.slice(0, -1), at[at.length - 1]]
  return Array.from({ length: inFeatures }, (_, j) => {
    const from = [...row, j]
    const name = `${named('w', [k, j])}·${named('x', from)}`
    return { ...product(name, weight.data[k * inFeatures + j], valueAt(x, from)), from }
  })
}

/** y = W x + b: a row of W, element by element. */
export const explainer: Explainer<Linear> = {
  of: Linear,
  forward(layer, passed, at) {
    const terms = termsOf(layer, passed, at)
    const k = at[at.length - 1]
    const bias: Term[] = layer.bias === null ? [] : [{ name: named('b', [k]), value: layer.bias.data[k] }]
    const sum = terms.map(({ name, factors, value }): Term => ({ name, factors: factors!, value }))
    return {
      forward: [{ name: named('y', at), value: valueAt(passed.y, at), terms: [...bias, ...sum] }],
      from: heaviest(terms).from,
    }
  },
  backward({ weight, bias, inFeatures, outFeatures }, { x, dy, dx }, at, from) {
    const [row, k, j] = [at.slice(0, -1), at[at.length - 1], from[from.length - 1]]
    const terms = Array.from({ length: outFeatures }, (_, o) => {
      const name = `${named('w', [o, j])}·${named('dy', [...row, o])}`
      return product(name, weight.data[o * inFeatures + j], valueAt(dy, [...row, o]))
    })
    const rows = row.length === 0
    const own = { weight: weight.g?.data[k * inFeatures + j], bias: bias?.g?.data[k] }
    return [
      { name: named('dx', from), value: valueAt(dx, from), terms },
      ...(rows && own.weight !== undefined
        ? [
            {
              name: named('dw', [k, j]),
              value: own.weight,
              terms: [product(`${named('dy', [k])}·${named('x', [j])}`, valueAt(dy, [k]), valueAt(x, [j]))],
            },
          ]
        : []),
      ...(rows && own.bias !== undefined
        ? [
            {
              name: named('db', [k]),
              value: own.bias,
              terms: [{ name: named('dy', [k]), value: valueAt(dy, [k]) }],
            },
          ]
        : []),
    ]
  },
}
