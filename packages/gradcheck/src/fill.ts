import { allocate, type DType, type Generator, numel, Tensor } from '@handgrad/tensor'
import type { Fill, TensorSpec } from './spec.ts'

type Draw = (out: Float64Array, spec: TensorSpec, generator: Generator) => void

const each =
  (draw: (generator: Generator, spec: TensorSpec) => number): Draw =>
  (out, spec, generator) => {
    for (let i = 0; i < out.length; i++) out[i] = draw(generator, spec)
  }

/** Irwin–Hall: unlike Box–Muller it needs no logarithm or cosine, whose last bits differ between machines. */
function bell(generator: Generator): number {
  const sum = generator.random53() + generator.random53() + generator.random53() + generator.random53()
  return (sum - 2) * Math.sqrt(3)
}

function distinct(out: Float64Array, _spec: TensorSpec, generator: Generator): void {
  const order = generator.randperm(out.length)
  for (let i = 0; i < out.length; i++) out[i] = (order[i] - out.length / 2 + 0.3) * 0.37
}

function probabilities(out: Float64Array, { shape }: TensorSpec, generator: Generator): void {
  const axis = shape.length > 1 ? 1 : 0
  const classes = shape[axis]
  const inner = numel(shape.slice(axis + 1))
  for (let i = 0; i < out.length; i++) out[i] = generator.random53() + 0.05
  for (let from = 0; from < out.length; from += classes * inner) {
    for (let k = from; k < from + inner; k++) {
      let sum = 0
      for (let c = 0; c < classes; c++) sum += out[k + c * inner]
      for (let c = 0; c < classes; c++) out[k + c * inner] /= sum
    }
  }
}

const draws: Record<Fill, Draw> = {
  bell: each(bell),
  uniform: each((generator) => generator.random53() * 18 - 9),
  ties: each((generator) => Math.floor(generator.random53() * 5) - 2),
  negative: each((generator) => -0.1 - generator.random53() * 3),
  positive: each((generator) => 0.1 + generator.random53() * 3),
  classes: each((generator, { classes = 1 }) => Math.floor(generator.random53() * classes)),
  zeros: each(() => 0),
  distinct,
  probabilities,
}

/** A tensor made as `spec` says, drawing from `generator`. */
export function fill(spec: TensorSpec, generator: Generator): Tensor<DType> {
  const values = new Float64Array(numel(spec.shape))
  draws[spec.fill ?? 'bell'](values, spec, generator)
  const { scale, plant } = spec
  if (scale !== undefined) for (let i = 0; i < values.length; i++) values[i] *= scale
  for (const [index, value] of Object.entries(plant ?? {})) {
    if (!(Number(index) in values))
      throw new RangeError(`fill: element ${index} is outside [${spec.shape.join(', ')}]`)
    values[Number(index)] = value
  }
  const data = allocate(spec.dtype ?? 'float32', values.length)
  for (let i = 0; i < values.length; i++)
    data[i] = data instanceof BigInt64Array ? BigInt(values[i]) : values[i]
  return new Tensor(data, spec.shape)
}

/** A seed for a text: FNV-1a, 32 bits. */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}
