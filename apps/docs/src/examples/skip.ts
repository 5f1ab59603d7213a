import { type BackwardOptions, type Compiled, Container, compileLayer, type Layer } from '@handgrad/layers'
import { type Compiler, type Tensor, type Value } from '@handgrad/tensor'

/** y = body(x) + x, for a body that keeps the shape; dx = what the body gives back + dy. */
export class Skip extends Container {
  readonly body: Layer
  #pass: { x: Tensor; own: Tensor; inner: Tensor; y: Tensor } | null = null

  constructor(body: Layer) {
    super()
    this.body = body
  }

  protected through(x: Tensor): Tensor {
    // A copy: x has two readers, and each is to write a gradient of its own.
    const own = x.clone()
    const inner = this.body.forward(own)
    const y = sum(inner, x)
    this.#pass = { x, own, inner, y }
    return y
  }

  protected back({ inputGrad }: Required<BackwardOptions>): void {
    const { x, own, inner, y } = this.#pass!
    inner.g = y.g
    this.body.bwd({ inputGrad })
    if (inputGrad) x.g = sum(own.g!, y.g!)
  }

  /** The same as kernels. */
  override compile(x: Value, c: Compiler): Compiled | null {
    const inner = compileLayer(this.body, x, c)
    if (inner === null) return null
    const y = c.add(inner.value, x)
    c.backward([inner.value, x], y, [], (dy) => [dy, dy])
    return { value: y }
  }

  override namedParameters(): [string, Tensor][] {
    return this.body.namedParameters().map(([name, value]) => [`body.${name}`, value])
  }

  override namedBuffers(): [string, Tensor][] {
    return this.body.namedBuffers().map(([name, value]) => [`body.${name}`, value])
  }

  override train(training = true): this {
    this.body.train(training)
    return super.train(training)
  }

  override close(): void {
    super.close()
    this.body.close()
  }

  outputShape(shape: readonly number[], dtype?: Tensor['dtype']): number[] {
    return this.body.outputShape(shape, dtype)
  }

  describe(): string {
    return `Skip(${this.body.describe()})`
  }
}

function sum(a: Tensor, b: Tensor): Tensor {
  const total = a.clone()
  for (let i = 0; i < total.data.length; i++) total.data[i] += b.data[i]
  return total
}
