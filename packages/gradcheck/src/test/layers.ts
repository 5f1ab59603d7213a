import { type DType, formatShape, Generator, sameShape, Tensor, zeros } from '@handgrad/tensor'
import { fill } from '../fill.ts'
import type { Checkable } from '../spec.ts'

/** A float64 tensor of bell-shaped numbers. */
export function bell(shape: readonly number[], seed = 1): Tensor {
  return fill({ shape, dtype: 'float64' }, new Generator(seed)) as Tensor
}

/** A float64 tensor of these numbers. */
export function double(values: readonly number[], shape: readonly number[] = [values.length]): Tensor {
  return new Tensor(Float64Array.from(values), shape)
}

/** y[n,o] = Σ x[n,i] · w[o,i] + b[o], and its gradients: right. */
export class Affine implements Checkable {
  readonly w: Tensor
  readonly b: Tensor
  x: Tensor | null = null
  y: Tensor | null = null

  constructor(w: Tensor = bell([3, 4], 7), b: Tensor = bell([3], 8)) {
    this.w = w
    this.b = b
  }

  forward(...[x]: Tensor<DType>[]): Tensor {
    const [N, O, I] = [x.shape[0], ...this.w.shape]
    const y: Tensor = zeros([N, O], { dtype: this.w.dtype })
    for (let n = 0; n < N; n++) {
      for (let o = 0; o < O; o++) {
        let sum = this.b.data[o]
        for (let i = 0; i < I; i++) sum += (x as Tensor).data[n * I + i] * this.w.data[o * I + i]
        y.data[n * O + o] = sum
      }
    }
    this.x = x as Tensor
    this.y = y
    return y
  }

  bwd(): void {
    const [x, dy] = [this.x!, this.y!.g!]
    const [N, O, I] = [x.shape[0], ...this.w.shape]
    if (!sameShape(dy.shape, this.y!.shape)) throw new Error(`dy has shape ${formatShape(dy.shape)}`)
    const like = (t: Tensor): Tensor => zeros(t.shape, { dtype: t.dtype })
    const [dx, dw, db] = [like(x), like(this.w), like(this.b)]
    for (let n = 0; n < N; n++) {
      for (let o = 0; o < O; o++) {
        const g = dy.data[n * O + o]
        db.data[o] += g
        for (let i = 0; i < I; i++) {
          dx.data[n * I + i] += g * this.w.data[o * I + i]
          dw.data[o * I + i] += g * x.data[n * I + i]
        }
      }
    }
    x.g = dx
    add(this.w, dw)
    add(this.b, db)
  }

  namedParameters(): [string, Tensor][] {
    return [
      ['weight', this.w],
      ['bias', this.b],
    ]
  }
}

/** Adds a gradient to a tensor's. */
export function add(t: Tensor, gradient: Tensor): void {
  if (t.g === null) t.g = gradient
  else for (let i = 0; i < gradient.data.length; i++) t.g.data[i] += gradient.data[i]
}

/** y = f(x) element by element, with the derivative that is given. */
export function elementwise(f: (x: number) => number, derivative: (x: number) => number): Checkable {
  let pass: { x: Tensor; y: Tensor } | null = null
  return {
    forward(input) {
      const x = input as Tensor
      pass = { x, y: new Tensor(x.data.map(f), x.shape) }
      return pass.y
    },
    bwd() {
      const { x, y } = pass!
      if (!sameShape(y.g!.shape, y.shape)) throw new Error(`dy has shape ${formatShape(y.g!.shape)}`)
      x.g = new Tensor(
        x.data.map((value, i) => y.g!.data[i] * derivative(value)),
        x.shape,
      )
    },
  }
}

/** max(x, 0). */
export const relu = (): Checkable =>
  elementwise(
    (x) => Math.max(x, 0),
    (x) => (x > 0 ? 1 : 0),
  )

/** The largest element, which alone gets the gradient. */
export function largest(): Checkable {
  let pass: { x: Tensor; y: Tensor; at: number } | null = null
  return {
    forward(input) {
      const x = input as Tensor
      const at = x.data.indexOf(Math.max(...x.data))
      pass = { x, y: double([x.data[at]], []), at }
      return pass.y
    },
    bwd() {
      const { x, y, at } = pass!
      x.g = new Tensor(
        x.data.map((_, i) => (i === at ? y.g!.data[0] : 0)),
        x.shape,
      )
    },
  }
}

/** −log softmax(x)[target]: a smooth loss of one vector. */
export function softmaxLoss(): Checkable {
  let pass: { x: Tensor; y: Tensor; p: number[]; target: number } | null = null
  return {
    forward(input, goal) {
      const x = input as Tensor
      const target = Number(goal.data[0])
      const e = Array.from(x.data, Math.exp)
      const total = e.reduce((a, b) => a + b, 0)
      const p = e.map((value) => value / total)
      pass = { x, y: double([Math.log(total) - x.data[target]], []), p, target }
      return pass.y
    },
    bwd() {
      const { x, y, p, target } = pass!
      x.g = double(p.map((value, i) => (value - Number(i === target)) * y.g!.data[0]))
    },
  }
}

/** The same layer with another `bwd`, which is given the right one to call first. */
export function broken<T extends Checkable>(layer: T, bwd: (layer: T, right: () => void) => void): T {
  const right = layer.bwd.bind(layer)
  layer.bwd = () => bwd(layer, right)
  return layer
}
