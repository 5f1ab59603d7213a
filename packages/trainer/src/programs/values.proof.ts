import { type DType, Generator, numel, Tensor, zeros } from '@handgrad/tensor'
import type { Fill, NetworkCase } from './case.proof.ts'

/** A whole number from `from` to `to`. */
function whole(generator: Generator, from: number, to: number): number {
  return from + (generator.random32() % (to - from + 1))
}

type Draw = (generator: Generator) => number

/** How each element is drawn; the other fills are made of these. */
const elements: Partial<Record<Fill, Draw>> = {
  whole: (generator) => whole(generator, -2, 2) / 4,
  zero: () => 0,
  'signed zeros': (generator) => [0, -0, 0.5, -0.5][whole(generator, 0, 3)],
}

function normal(data: Float32Array, generator: Generator): void {
  generator.normal(data)
}

/** Fills a parameter; `normal` leaves it as torch draws it, and so do signed zeros what is no bias. */
export function fill({ data, shape }: Tensor, kind: Fill, generator: Generator): void {
  const draw = kind === 'signed zeros' ? biasOfZeros(shape) : elements[kind]
  if (draw !== undefined) for (let i = 0; i < data.length; i++) data[i] = draw(generator)
  if (kind === 'flat') data.fill(whole(generator, -3, 3) / 8)
  if (kind === 'wide') {
    const scale = 2 ** whole(generator, -6, 6)
    for (let i = 0; i < data.length; i++) data[i] *= scale
  }
  if (kind === 'not a number' && whole(generator, 0, 3) === 0)
    data[whole(generator, 0, data.length - 1)] = Number.NaN
  // Half of what it was is nothing: whole layers whose gradient is 0, between others.
  if (kind === 'background' && whole(generator, 0, 1) === 0) data.fill(0)
}

const biasOfZeros = (shape: readonly number[]): Draw | undefined =>
  shape.length === 1 ? (generator) => [0, -0][whole(generator, 0, 1)] : undefined

/** A batch of images or rows. */
function images(shape: readonly number[], kind: Fill, generator: Generator): Tensor<'float32'> {
  const x = zeros(shape)
  const { data } = x
  const draw = elements[kind]
  if (draw === undefined) normal(data, generator)
  else for (let i = 0; i < data.length; i++) data[i] = draw(generator)
  if (kind === 'flat') flatten(data, numel(shape.slice(2)))
  if (kind === 'background') background(data, shape, generator)
  if (kind === 'wide') for (let i = 0; i < data.length; i++) data[i] *= 2 ** whole(generator, -8, 8)
  if (kind === 'not a number') data[whole(generator, 0, data.length - 1)] = Number.NaN
  if (kind === 'infinite') data[whole(generator, 0, data.length - 1)] = Number.POSITIVE_INFINITY
  return x
}

/** Each channel of an image is one number. */
function flatten(data: Float32Array, area: number): void {
  for (let i = 0; i < data.length; i++) data[i] = data[i - (i % area)]
}

/** A rectangle of each image keeps its numbers; what is around it is 0, or MNIST's black. */
function background(data: Float32Array, shape: readonly number[], generator: Generator): void {
  const [H, W] = [shape.at(-2)!, shape.at(-1)!]
  const black = [0, Math.fround(-0.1307 / 0.3081)][whole(generator, 0, 1)]
  for (let first = 0; first < data.length; first += H * W) {
    const [top, left] = [whole(generator, 0, H - 1), whole(generator, 0, W - 1)]
    const [bottom, right] = [whole(generator, top, H - 1), whole(generator, left, W - 1)]
    for (let i = 0; i < Math.min(H * W, data.length - first); i++) {
      const [h, w] = [Math.floor(i / W), i % W]
      if (h < top || h > bottom || w < left || w > right) data[first + i] = black
    }
  }
}

/** Images and targets of one batch. */
export interface Batch {
  readonly x: Tensor<'float32'>
  readonly y: Tensor<DType>
}

/** Batch `index` of a case, for a network whose logits of a batch have the shape `logits`. */
export function batchOf(network: NetworkCase, index: number, logits: readonly number[]): Batch {
  const generator = new Generator(network.seed + 100 + index)
  const x = images([network.batches[index], ...network.sample], network.input, generator)
  return { x, y: target(network, logits, generator) }
}

function target(
  { loss }: NetworkCase,
  [N, C, ...rest]: readonly number[],
  generator: Generator,
): Tensor<DType> {
  const samples = N * numel(rest)
  if (loss.target === 'probabilities') {
    const y = zeros([N, C, ...rest])
    generator.uniform(y.data)
    return y
  }
  const { ignoreIndex = -100 } = loss.options
  const classes = Array.from({ length: samples }, () =>
    whole(generator, 0, 99) < 100 * loss.ignored ? ignoreIndex : whole(generator, 0, C - 1),
  )
  const arrays = {
    int32: () => Int32Array.from(classes),
    int64: () => BigInt64Array.from(classes, BigInt),
    uint8: () => Uint8Array.from(classes),
  }
  return new Tensor<DType>(arrays[loss.target](), [N, ...rest])
}
