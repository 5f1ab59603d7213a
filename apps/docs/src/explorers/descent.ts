import { Adam, type Optimizer, SGD } from '@handgrad/loss-optim'
import { type Tensor, tensor } from '@handgrad/tensor'

/** Who runs down. */
export type Runner = 'sgd' | 'momentum' | 'nesterov' | 'adam'

/** A function of two numbers, and its gradient by hand. */
export interface Surface {
  readonly title: string
  readonly start: readonly [number, number]
  readonly lowest: readonly [number, number]
  /** Half the extents of what is shown. */
  readonly reach: readonly [number, number]
  /** A learning rate for each runner at which it shows what it is good for. */
  readonly rates: Readonly<Record<Runner, number>>
  readonly f: (a: number, b: number) => number
  readonly gradient: (a: number, b: number) => [number, number]
}

/** A long valley, and a bent one. */
export const surfaces: Readonly<Record<string, Surface>> = {
  valley: {
    title: 'a valley: (a² + 20 b²) / 2',
    start: [-4, 1.2],
    lowest: [0, 0],
    reach: [5, 2],
    rates: { sgd: 0.08, momentum: 0.06, nesterov: 0.06, adam: 0.4 },
    f: (a, b) => (a * a + 20 * b * b) / 2,
    gradient: (a, b) => [a, 20 * b],
  },
  bend: {
    title: 'a bent valley: (1 − a)² + 10 (b − a²)²',
    start: [-1.4, 1],
    lowest: [1, 1],
    reach: [2, 2],
    rates: { sgd: 0.01, momentum: 0.01, nesterov: 0.01, adam: 0.3 },
    f: (a, b) => (1 - a) ** 2 + 10 * (b - a * a) ** 2,
    gradient: (a, b) => [-2 * (1 - a) - 40 * a * (b - a * a), 20 * (b - a * a)],
  },
}

/** The momentum of the two that have one. */
export const MOMENTUM = 0.7

/** The runners, and the library's own optimizers that they are. */
export const runners: Readonly<
  Record<Runner, { title: string; make(p: Tensor, lr: number): Optimizer<{ lr: number }> }>
> = {
  sgd: { title: 'SGD', make: (p, lr) => new SGD([p], { lr }) },
  momentum: {
    title: `SGD, momentum ${MOMENTUM}`,
    make: (p, lr) => new SGD([p], { lr, momentum: MOMENTUM }),
  },
  nesterov: {
    title: 'the same, Nesterov',
    make: (p, lr) => new SGD([p], { lr, momentum: MOMENTUM, nesterov: true }),
  },
  adam: { title: 'Adam', make: (p, lr) => new Adam([p], { lr }) },
}

/** One step: where it starts, the gradient there, and the height. */
export interface Step {
  readonly a: number
  readonly b: number
  readonly da: number
  readonly db: number
  readonly f: number
}

/** So far away, a path has flown off. */
const FAR = 1e6

/** The path of a runner from a point, `steps` steps long; it ends early when it flies away. */
export function descend(
  { f, gradient }: Surface,
  runner: Runner,
  { start, lr, steps }: { start: readonly [number, number]; lr: number; steps: number },
): Step[] {
  const p = tensor(Float64Array.from(start))
  const optimizer = runners[runner].make(p, lr)
  const path: Step[] = []
  for (let step = 0; step <= steps; step++) {
    const [a, b] = p.data as unknown as [number, number]
    const [da, db] = gradient(a, b)
    path.push({ a, b, da, db, f: f(a, b) })
    if (!(Math.abs(a) + Math.abs(b) < FAR)) break
    p.g = tensor(Float64Array.of(da, db))
    optimizer.step()
  }
  return path
}

/** Whether a path ended because it flew away. */
export function flewAway(path: readonly Step[]): boolean {
  const { a, b } = path.at(-1)!
  return !(Math.abs(a) + Math.abs(b) < FAR)
}
