import {
  type Compiler,
  checkShape,
  checkTensor,
  describeValue,
  type Tensor,
  type Value,
  type Wish,
} from '@handgrad/tensor'
import { missingAxis } from '../check.ts'
import { compileChain } from '../engine/compile.ts'
import { readLines } from '../engine/images.ts'
import { forwardOnKernels } from '../engine/plans.ts'
import { Apart, backwardThrough, type Part, Stretch } from '../engine/stretch.ts'
import { inputGradOf } from '../gradients.ts'
import type { NetworkPass } from '../last-pass.ts'
import { type BackwardOptions, type Compiled, countOf, Layer } from '../layer.ts'
import { runsOwnCode } from '../own-code.ts'

/** In place of a pass, while a forward is on its way, and for good where it throws. */
const UNFINISHED: NetworkPass = {
  layOut() {
    throw new Error('Sequential: the last forward did not come to its end; call forward first')
  },
}

/** Layers one after the other: the output of each is the input of the next, and gradients go the other way. */
export class Sequential extends Layer {
  readonly layers: readonly Layer[]
  /** What the last forward went through: programs of several layers, and layers that ran by themselves. */
  #pass: readonly Part[] | null = null
  #lent: NetworkPass | null = null

  /** @throws Error when one instance occurs twice, here or in a nested Sequential: it keeps one pass only. */
  constructor(...layers: Layer[]) {
    super()
    const odd = layers.findIndex((layer) => !(layer instanceof Layer))
    if (odd >= 0)
      throw new TypeError(
        `Sequential: argument ${odd} is ${describeValue(layers[odd])}, expected a layer` +
          (Array.isArray(layers[odd]) ? '; give them one by one, as Sequential(...layers)' : ''),
      )
    const leaves = layers.flatMap(leavesOf)
    const twice = leaves.find((layer, i) => leaves.indexOf(layer) < i)
    if (twice !== undefined) {
      throw new Error(
        `Sequential: the same ${twice.describe()} instance occurs twice; make a layer for each place`,
      )
    }
    this.layers = layers
  }

  /** All layers in order, with nested Sequentials replaced by theirs; one with a forward of its own stays. */
  flat(): Layer[] {
    return this.layers.flatMap((layer) =>
      layer instanceof Sequential && !runsOwnCode(layer) ? layer.flat() : [layer],
    )
  }

  forward(x: Tensor): Tensor {
    checkTensor(this.describe(), 'input', x)
    const layers = this.flat()
    const parts: Part[] = []
    let value = x
    for (let first = 0; first < layers.length; ) {
      // All shapes are checked before the first layer changes what it keeps.
      const check = first === 0 ? () => void this.outputShape(x.shape, x.dtype) : undefined
      const owned = { owner: this, layers, first, training: this.training }
      const pass = forwardOnKernels(owned, value, check)
      if (first === 0) this.#begin(layers)
      const part = pass === null ? new Apart(layers[first], value) : new Stretch(pass)
      value = part.y
      first += part.count
      parts.push(part)
    }
    this.#pass = parts
    this.#lent = null
    const pass = { layOut: () => this.#layOut(parts) }
    for (const inner of this.#inside()) inner.lend(pass)
    return value
  }

  /** The former pass is over, and the next one not there yet. */
  #begin(layers: readonly Layer[]): void {
    // mutant: dropped statement is equivalent because no pass is looked at while another is lent: it only goes earlier
    this.#pass = null
    this.#lent = UNFINISHED
    for (const layer of [...this.#inside(), ...layers]) layer.lend(UNFINISHED)
  }

  /** The Sequentials inside whose layers are this one's. */
  #inside(): Sequential[] {
    return this.layers.flatMap((layer) =>
      layer instanceof Sequential && !runsOwnCode(layer) ? [layer, ...layer.#inside()] : [],
    )
  }

  #layOut(parts: readonly Part[]): void {
    for (const inner of this.#inside()) inner.lend(null)
    for (const part of parts) part.layOut()
  }

  /**
   * The way back of the last forward, from the `.g` of the output.
   *
   * The gradient of the network's own input is that of this pass whenever `x.g` is read; what it takes is taken when it is
   * first read. `inputGrad: false` leaves it out.
   * @throws Error as the last layer's `bwd()`.
   */
  backward(options?: BackwardOptions): void {
    const inputGrad = inputGradOf(this, options)
    this.#lent?.layOut()
    if (this.#pass === null) {
      backwardThrough(this.layers, inputGrad)
      return
    }
    for (let i = this.#pass.length - 1; i >= 0; i--) this.#pass[i].backward(inputGrad || i > 0, i === 0)
  }

  bwd(options?: BackwardOptions): void {
    this.backward(options)
  }

  override namedParameters(): [string, Tensor][] {
    return this.#named((layer) => layer.namedParameters())
  }

  override namedBuffers(): [string, Tensor][] {
    return this.#named((layer) => layer.namedBuffers())
  }

  #named(of: (layer: Layer) => [string, Tensor][]): [string, Tensor][] {
    return this.layers.flatMap((layer, i) =>
      of(layer).map(([name, value]): [string, Tensor] => [`${i}.${name}`, value]),
    )
  }

  override train(training = true): this {
    for (const layer of this.layers) layer.train(training)
    return super.train(training)
  }

  outputShape(shape: readonly number[], dtype?: Tensor['dtype']): number[] {
    checkShape(shape, 'outputShape()')
    const through = (from: readonly number[]): number[] =>
      this.layers.reduce((input, layer) => layer.outputShape(input, dtype), [...from])
    try {
      return through(shape)
    } catch (error) {
      throw missingAxis(this.layers[0].describe(), shape, error as Error, through)
    }
  }

  override get readsLines(): boolean | null {
    return readLines(this.flat())
  }

  override kernelWish(C: number, H: number, W: number): Wish {
    return this.flat()[0]?.kernelWish(C, H, W) ?? {}
  }

  override compile(input: Value, compiler: Compiler): Compiled | null {
    const layers = this.flat()
    const { value, count } = compileChain(layers, input, compiler)
    return count === layers.length ? { value } : null
  }

  override lend(pass: NetworkPass | null): void {
    this.#pass = null
    this.#lent = pass
  }

  override close(): void {
    super.close()
    this.#pass = null
    this.#lent = null
    for (const layer of this.layers) layer.close()
  }

  describe(): string {
    return `Sequential(${this.layers.length} layers)`
  }

  /** One line a layer, with its parameters. */
  override toString(): string {
    const lines = this.layers.map((layer, i) => `  ${i}: ${layer.toString().replaceAll('\n', '\n  ')}`)
    return `Sequential(\n${lines.join('\n')}\n) ${countOf(this)}`
  }
}

function leavesOf(layer: Layer): Layer[] {
  return layer instanceof Sequential ? layer.layers.flatMap(leavesOf) : [layer]
}
