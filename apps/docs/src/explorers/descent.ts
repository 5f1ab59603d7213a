import { Adam, type Optimizer, SGD } from '@handgrad/loss-optim'
import { type Tensor, tensor } from '@handgrad/tensor'

/** A function of two numbers, and its gradient by hand. */
export interface Surface {
  readonly title: string
  readonly start: readonly [number, number]
  /** Half the extents of what is shown. */
  readonly reach: readonly [number, number]
  readonly f: (a: number, b: number) => number
  readonly gradient: (a: number, b: number) => [number, number]
}

/** A long valley, and a bent one. */
export const surfaces: Readonly<Record<string, Surface>> = {
  valley: {
    title: 'a valley: (a² + 20 b²) / 2',
    start: [-4, 1.2],
    reach: [5, 2],
    f: (a, b) => (a * a + 20 * b * b) / 2,
    gradient: (a, b) => [a, 20 * b],
  },
  bend: {
    title: 'a bent valley: (1 − a)² + 10 (b − a²)²',
    start: [-1.4, 1],
    reach: [2, 2],
    f: (a, b) => (1 - a) ** 2 + 10 * (b - a * a) ** 2,
    gradient: (a, b) => [-2 * (1 - a) - 40 * a * (b - a * a), 20 * (b - a * a)],
  },
}

/** How to descend. */
export interface Method {
  optimizer: 'sgd' | 'nesterov' | 'adam'
  lr: number
  momentum: number
  steps: number
}

/** One step: where it starts, the gradient there, and the height. */
export interface Step {
  readonly a: number
  readonly b: number
  readonly da: number
  readonly db: number
  readonly f: number
}

function optimizerFor(p: Tensor, { optimizer, lr, momentum }: Method): Optimizer<{ lr: number }> {
  if (optimizer === 'adam') return new Adam([p], { lr })
  return new SGD([p], { lr, momentum, nesterov: optimizer === 'nesterov' && momentum > 0 })
}

/** The path of one of the library's optimizers down a surface; it ends early when it flies away. */
export function descend({ start, f, gradient }: Surface, method: Method): Step[] {
  const p = tensor(Float64Array.from(start))
  const optimizer = optimizerFor(p, method)
  const path: Step[] = []
  for (let step = 0; step <= method.steps; step++) {
    const [a, b] = p.data as unknown as [number, number]
    const [da, db] = gradient(a, b)
    path.push({ a, b, da, db, f: f(a, b) })
    if (!(Math.abs(a) + Math.abs(b) < 1e6)) break
    p.g = tensor(Float64Array.of(da, db))
    optimizer.step()
  }
  return path
}
