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
import type { ImageShape } from '../kernels.ts'
import { type BackwardOptions, type Compiled, countOf, Layer } from '../layer.ts'
import { runsOwnCode } from '../own-code.ts'

/** Layers one after the other: the output of each is the input of the next, and gradients go the other way. */
export class Sequential extends Layer {
  readonly layers: readonly Layer[]

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
    // All shapes are checked before the first layer changes what it keeps.
    this.outputShape(x.shape, x.dtype)
    return this.layers.reduce((input, layer) => layer.forward(input), x)
  }

  /**
   * `bwd()` of every layer in reverse, from the `.g` of the output.
   *
   * `inputGrad: false` leaves out the gradient of the network's own input.
   * @throws Error as the last layer's `bwd()`.
   */
  backward({ inputGrad = true }: BackwardOptions = {}): void {
    for (let i = this.layers.length - 1; i >= 0; i--) this.layers[i].bwd({ inputGrad: inputGrad || i > 0 })
  }

  bwd(options: BackwardOptions = {}): void {
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

  override kernelWish(C: number, H: number, W: number): Wish {
    return this.flat()[0]?.kernelWish(C, H, W) ?? {}
  }

  override kernelShape(shape: readonly number[]): ImageShape | null {
    return this.flat()[0]?.kernelShape(shape) ?? null
  }

  override compile(input: Value, compiler: Compiler): Compiled | null {
    const layers = this.flat()
    if (layers.some(runsOwnCode)) return null
    let value = input
    for (let i = 0; i < layers.length; ) {
      const made = layers[i].compile(value, compiler, layers.slice(i + 1))
      if (made === null) return null
      const folded = made.folded ?? 0
      for (const layer of layers.slice(i + 1, i + 1 + folded)) compiler.note(layer, 'in the layer before')
      const wanted = value.wanted || layers[i].parameters().length > 0
      value = { ...made.value, wanted }
      i += 1 + folded
    }
    return { value }
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
