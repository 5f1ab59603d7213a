import { COUNT, type Compiler, startOf, Tensor, type Value } from '@handgrad/tensor'
import { Container } from '../container.ts'
import { compileLayer } from '../engine/compile.ts'
import { type BackwardOptions, type Compiled, FormulaLayer, Layer } from '../layer.ts'

/** Containers and layers of one's own, as somebody outside would write them. */

const like = (x: Tensor, value: (i: number) => number): Tensor =>
  new Tensor<'float32'>(
    Float32Array.from({ length: x.data.length }, (_, i) => value(i)),
    x.shape,
  )

interface Ends {
  x: Tensor
  own: Tensor
  inner: Tensor
  y: Tensor
}

/** y = body(x) + x. */
export class Skip extends Container {
  readonly body: Layer
  #ends: Ends | null = null

  constructor(body: Layer) {
    super()
    this.body = body
  }

  protected through(x: Tensor): Tensor {
    const own = x.clone()
    const inner = this.body.forward(own)
    const y = like(x, (i) => inner.data[i] + x.data[i])
    this.#ends = { x, own, inner, y }
    return y
  }

  protected back({ inputGrad }: Required<BackwardOptions>): void {
    const { x, own, inner, y } = this.#ends as Ends
    const dy = y.g as Tensor
    inner.g = dy
    this.body.bwd({ inputGrad })
    if (inputGrad) x.g = like(x, (i) => (own.g as Tensor).data[i] + dy.data[i])
  }

  override compile(x: Value, c: Compiler): Compiled | null {
    const made = compileLayer(this.body, x, c)
    if (made === null) return null
    const y = c.add(made.value, x)
    c.backward([made.value, x], y, [], (dy) => [dy, dy])
    return { value: y }
  }

  override get readsLines(): boolean | null {
    return this.body.readsLines
  }

  override kernelWish(C: number, H: number, W: number): ReturnType<Layer['kernelWish']> {
    return this.body.kernelWish(C, H, W)
  }

  override namedParameters(): [string, Tensor][] {
    return this.body.namedParameters().map(([name, value]) => [`body.${name}`, value])
  }

  override train(training = true): this {
    this.body.train(training)
    return super.train(training)
  }

  outputShape(shape: readonly number[], dtype?: Tensor['dtype']): number[] {
    return this.body.outputShape(shape, dtype)
  }

  describe(): string {
    return `Skip(${this.body.describe()})`
  }
}

/** Both passes of y = x − mean of x over the batch, for x [N,F]: what a layer does whose samples depend on each other. */
function meanFree(x: Tensor): Tensor {
  const [N, F] = x.shape
  const means = Float64Array.from({ length: F }, (_, f) => {
    let sum = 0
    for (let n = 0; n < N; n++) sum += x.data[n * F + f]
    return sum / N
  })
  return like(x, (i) => x.data[i] - means[i % F])
}

/** y = x − mean over the batch, x [N,F]; dx = dy − mean over the batch. */
export class MeanFree extends FormulaLayer<null, null> {
  protected plan(): null {
    return null
  }

  protected compute(x: Tensor): { y: Tensor; saved: null } {
    return { y: meanFree(x), saved: null }
  }

  protected gradients(dy: Tensor, _saved: null, _plan: null, inputGrad: boolean): Tensor | null {
    return inputGrad ? meanFree(dy) : null
  }

  override kernelShape([N, C]: readonly number[]): ReturnType<Layer['kernelShape']> {
    return { N, C, H: 1, W: 1, rank: 2 }
  }

  override compile(x: Value, c: Compiler): Compiled | null {
    if (x.H !== 1 || x.W !== 1 || x.cell % 16 !== 0) return null
    c.note(this, 'in two phases')
    const y = this.#written(x, c)
    c.backward(x, y, [], (dy) => this.#written(dy, c))
    return { value: y }
  }

  /** Sums in one phase; when all shards have theirs, −1/N of the sum is added to each sample. */
  #written(x: Value, c: Compiler): Value {
    const floats = x.cell / 4
    const { slot, sum } = c.partial(x.cell)
    c.call('layers/sum_cells', COUNT, 1, 1, floats, x.ref, x.cell, x.row, x.image, slot)
    const part = c.table(new Int32Array(Float32Array.of(-1 / c.samples).buffer))
    const one = c.table(new Int32Array(Float32Array.of(1).buffer))
    const shift = c.take('fixed', x.cell)
    const args = [part, 4, 4, sum, x.cell, shift, x.cell, 1, 1, floats, 0] as const
    c.endPhase({ kernel: 'tensor/gemm', args })
    const y = c.like(x)
    // Every sample gets the shift, and then itself is added.
    c.call('tensor/gemm', one, 0, 0, shift, x.cell, y.ref, y.image, COUNT, 1, floats, 0)
    c.call('tensor/add', COUNT, x.image / 4, startOf(y), startOf(x), startOf(y))
    return y
  }

  outputShape(shape: readonly number[]): number[] {
    return [...shape]
  }

  describe(): string {
    return 'MeanFree()'
  }
}

/** max(x, x/2) in plain loops, gradient and output in fresh arrays: a layer of one's own. */
export class Leaky extends Layer {
  #pass: { x: Tensor; own: Tensor; y: Tensor } | null = null

  forward(x: Tensor): Tensor {
    const y = like(x, (i) => (x.data[i] > 0 ? x.data[i] : x.data[i] / 2))
    this.#pass = { x, own: x.clone(), y }
    return y
  }

  bwd({ inputGrad = true }: BackwardOptions = {}): void {
    if (this.#pass === null) throw new Error('Leaky.bwd(): call forward first')
    const { x, own, y } = this.#pass
    const dy = y.g as Tensor
    if (inputGrad) x.g = like(x, (i) => (own.data[i] > 0 ? dy.data[i] : dy.data[i] / 2))
  }

  outputShape(shape: readonly number[]): number[] {
    return [...shape]
  }

  describe(): string {
    return 'Leaky()'
  }
}
