import { Generator, manualSeed, randn, type Tensor, tensor } from '@handgrad/tensor'
import type { Case, Inputs, Nested } from './exercise.ts'

/** A layer as an exercise sees it. */
interface Passing {
  forward(x: Tensor): Tensor
  bwd(): void
  namedParameters?(): [string, Tensor][]
}

/** Half the distance of the two points of a difference. */
const EPS = 1e-6
/** Slopes to the right and to the left that are further apart are those of a kink, where a difference says nothing. */
const KINK = 1e-3

/** Numbers with three decimals, so that they can be read, drawn from a seed. */
export function drawn(shape: readonly number[], seed: number): Tensor {
  const values = randn(shape, { generator: new Generator(seed), dtype: 'float64' })
  for (let i = 0; i < values.data.length; i++) values.data[i] = Math.round(values.data[i] * 1000) / 1000
  return values
}

export const nested = (t: Tensor): Nested => t.toArray()

const short: Readonly<Record<string, string>> = { weight: 'w', bias: 'b' }

function flatOf(shape: readonly number[], index: readonly number[]): number {
  return index.reduce((flat, i, axis) => flat * shape[axis] + i, 0)
}

/** How a case of a layer is made. */
export interface LayerCase {
  readonly name: string
  readonly make: () => Passing
  readonly x: Tensor
  readonly seed: number
  /** What a learner must give: `dx`, `dw`, `db`, `y`. */
  readonly wanted: readonly string[]
  /** Settings that the learner's function gets. */
  readonly settings?: Inputs
  /** How the learner sees the tensors: without axes of extent 1, say. */
  readonly view?: (t: Tensor) => Tensor
}

/** One pass of the library's own layer, both ways, and differences for any of its numbers. */
export function layerCase({ name, make, x, seed, wanted, settings = {}, view = (t) => t }: LayerCase): Case {
  manualSeed(seed)
  const layer = make()
  const parameters = (layer.namedParameters?.() ?? []).map(([own, p]): [string, Tensor] => {
    p.data.set(drawn(p.shape, seed + own.length).data)
    return [short[own] ?? own, p]
  })
  const input = x.clone()
  const y = layer.forward(input)
  const dy = drawn(y.shape, seed + 100)
  y.g = dy
  layer.bwd()
  const values = new Map<string, Tensor>([
    ['x', x],
    ['y', y],
    ['dy', dy],
    ['dx', input.g!],
  ])
  for (const [own, p] of parameters) values.set(own, p).set(`d${own}`, p.g!)
  const given = ['x', 'dy', ...parameters.map(([own]) => own)]
  const seen = (names: readonly string[]): Record<string, Nested> =>
    Object.fromEntries(names.map((own) => [own, nested(view(values.get(own)!))]))
  return {
    name,
    inputs: { ...seen(given), ...settings },
    expected: seen(wanted),
    slope(output, index) {
      const moved = output === 'dx' ? input : parameters.find(([own]) => `d${own}` === output)?.[1]
      if (moved === undefined) return Number.NaN
      const at = flatOf(view(moved).shape, index)
      const kept = moved.data[at]
      const loss = (value: number): number => {
        moved.data[at] = value
        const out = layer.forward(input)
        moved.data[at] = kept
        return Array.from(out.data).reduce((sum, own, i) => sum + own * dy.data[i], 0)
      }
      const [above, here, below] = [loss(kept + EPS), loss(kept), loss(kept - EPS)]
      const slope = (above - below) / (2 * EPS)
      const bend = Math.abs(above - 2 * here + below) / EPS
      return bend > KINK * Math.max(1, Math.abs(slope)) ? Number.NaN : slope
    },
  }
}

/** The numbers of an optimizer's steps, one after another. */
export const column = (values: readonly number[]): Tensor => tensor(Float64Array.from(values))
