import { Conv2d } from '@handgrad/layers'
import { resolveWindow, type Tensor, type Window } from '@handgrad/tensor'
import {
  type Explainer,
  elementAt,
  type Grid,
  heaviest,
  named,
  type Part,
  type Place,
  product,
  type Term,
  valueAt,
} from '../explainer.ts'

/** A tap of the kernel [o,c,i,j], the output place that it is read for, and the input place under it; null outside. */
interface Tap {
  readonly tap: readonly [o: number, c: number, i: number, j: number]
  readonly at: Place
  readonly from: Place | null
}

const windowOf = (layer: Conv2d, { shape }: Tensor): Window => resolveWindow(shape[2], shape[3], layer)

/** The taps of the kernels that lie over the image for an output place, one channel after the other. */
function tapsOf(layer: Conv2d, x: Tensor, at: Place): Tap[] {
  const { H, W, Kh, Kw, sh, sw, ph, pw, dh, dw } = windowOf(layer, x)
  const [o, h, v] = at
  const each = layer.weight.shape[1]
  const first = Math.floor(o / (layer.outChannels / layer.groups)) * each
  return Array.from({ length: each * Kh * Kw }, (_, n) => {
    const [c, i, j] = [Math.floor(n / (Kh * Kw)), Math.floor(n / Kw) % Kh, n % Kw]
    const from = [first + c, h * sh + i * dh - ph, v * sw + j * dw - pw]
    const isInside = from[1] >= 0 && from[1] < H && from[2] >= 0 && from[2] < W
    return { tap: [o, c, i, j], at, from: isInside ? from : null }
  })
}

/** w[o,c,i,j]·x[…]. */
const forwardTerm = (
  { weight }: Conv2d,
  x: Tensor,
  { tap, from }: Tap & { from: Place },
): Term & { from: Place } => ({
  ...product(`${named('w', tap)}·${named('x', from)}`, elementAt(weight, tap), valueAt(x, from)),
  from,
})

const isOver = (tap: Tap): tap is Tap & { from: Place } => tap.from !== null

/** The kernel, and what lies under it, of the channel of the input that a place is in. */
function grids(layer: Conv2d, x: Tensor, at: Place, from: Place): Grid[] {
  const [Kh, Kw] = layer.kernelSize
  const all = tapsOf(layer, x, at)
  const channel = all.find((tap) => tap.from?.[0] === from[0])!.tap[1]
  const own = all.filter(({ tap }) => tap[1] === channel)
  const rows = (value: (tap: Tap) => number | null): (number | null)[][] =>
    Array.from({ length: Kh }, (_, i) => own.slice(i * Kw, (i + 1) * Kw).map(value))
  return [
    {
      title: `what lies under it, channel ${from[0]}`,
      rows: rows((tap) => (isOver(tap) ? valueAt(x, tap.from) : null)),
    },
    { title: `the kernel w[${at[0]},${channel}]`, rows: rows(({ tap }) => elementAt(layer.weight, tap)) },
  ]
}

/** The output places of a channel. */
function placesOf(o: number, { Ho, Wo }: Window): Place[] {
  return Array.from({ length: Ho * Wo }, (_, n) => [o, Math.floor(n / Wo), n % Wo])
}

/** y = b + Σ w·x over the taps of the kernel, in all channels. */
export const explainer: Explainer<Conv2d> = {
  of: Conv2d,
  forward(layer, { x, y }, at) {
    const terms = tapsOf(layer, x, at)
      .filter(isOver)
      .map((tap) => forwardTerm(layer, x, tap))
    const { from } = heaviest(terms)
    const bias: Term[] =
      layer.bias === null ? [] : [{ name: named('b', [at[0]]), value: layer.bias.data[at[0]] }]
    const sum = terms.map(({ name, factors, value }): Term => ({ name, factors: factors!, value }))
    const part = {
      name: named('y', at),
      value: valueAt(y, at),
      grids: grids(layer, x, at, from),
      terms: [...bias, ...sum],
    }
    return { forward: [part], from }
  },
  backward(layer, { x, dx, dy }, at, from) {
    const win = windowOf(layer, x)
    const over = (o: number): (Tap & { from: Place })[] =>
      placesOf(o, win).flatMap((place) => tapsOf(layer, x, place).filter(isOver))
    const isFrom = (tap: Tap & { from: Place }): boolean =>
      tap.from.every((index, axis) => index === from[axis])
    const passes = Array.from({ length: layer.outChannels }, (_, o) => over(o).filter(isFrom)).flat()
    const dxTerms = passes.map((tap) =>
      product(
        `${named('w', tap.tap)}·${named('dy', tap.at)}`,
        elementAt(layer.weight, tap.tap),
        valueAt(dy, tap.at),
      ),
    )
    const parts: Part[] = [{ name: named('dx', from), value: valueAt(dx, from), terms: dxTerms }]
    const { tap } = over(at[0]).find(
      (one) => isFrom(one) && one.at.every((index, axis) => index === at[axis]),
    )!
    const dw = layer.weight.g
    if (dw !== null) {
      const same = over(at[0]).filter((one) => one.tap.every((index, axis) => index === tap[axis]))
      const terms = same.map((one) =>
        product(`${named('dy', one.at)}·${named('x', one.from)}`, valueAt(dy, one.at), valueAt(x, one.from)),
      )
      parts.push({ name: named('dw', tap), value: elementAt(dw, tap), terms })
    }
    const db = layer.bias?.g
    if (db != null) {
      const terms = placesOf(at[0], win).map((place) => ({
        name: named('dy', place),
        value: valueAt(dy, place),
      }))
      parts.push({ name: named('db', [at[0]]), value: db.data[at[0]], terms })
    }
    return parts
  },
}
