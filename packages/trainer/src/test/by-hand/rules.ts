/** How the rate moves, as the config names it. */
export interface Pace {
  readonly schedule: 'constant' | 'step' | 'one-cycle'
  readonly lr: number
  readonly epochs: number
}

/** From `start` to `end` along half a cosine. */
const cosine = (start: number, end: number, share: number): number =>
  start + ((end - start) * (1 - Math.cos(Math.PI * share))) / 2

/** The values of a one-cycle at step t = 0, 1 …: from `low` to `high` in the first 30 %, then to `last`. */
export function oneCycle(t: number, steps: number, low: number, high: number, last: number): number {
  const top = 0.3 * steps - 1
  return t <= top ? cosine(low, high, t / top) : cosine(high, last, (t - top) / (steps - 1 - top))
}

/** The rate of step `t` of the run, with `each` steps an epoch: ×0.1 after each third of the epochs, or one cycle. */
export function rateOf({ schedule, lr, epochs }: Pace, t: number, each: number): number {
  if (schedule === 'constant') return lr
  if (schedule === 'one-cycle') return oneCycle(t, epochs * each, lr / 25, lr, lr / 25 / 1e4)
  return lr * 0.1 ** Math.floor(Math.floor(t / each) / Math.ceil(epochs / 3))
}

/** One number that is trained, with what its rule keeps of the steps before. */
export interface Trained {
  value: number
  /** SGD's momentum, Adam's two means. */
  v?: number
  m?: number
  s?: number
}

/** p ← p − lr·v with v ← μ·v + g, which starts as g. */
export function sgd(p: Trained, g: number, lr: number, momentum: number): void {
  if (momentum !== 0) p.v = p.v === undefined ? g : momentum * p.v + g
  p.value -= lr * (p.v ?? g)
}

/** Step t = 1, 2 … of Adam: the means of g and g², each divided by what is missing from it at the start. */
export function adam(p: Trained, g: number, lr: number, t: number, b1: number = 0.9): void {
  const b2 = 0.999
  p.m = b1 * (p.m ?? 0) + (1 - b1) * g
  p.s = b2 * (p.s ?? 0) + (1 - b2) * g * g
  p.value -= (lr * (p.m / (1 - b1 ** t))) / (Math.sqrt(p.s / (1 - b2 ** t)) + 1e-8)
}
