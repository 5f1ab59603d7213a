import { type Dataset, type Sample, TensorDataset } from '@handgrad/data'
import { Dropout, Flatten, Linear, Sequential } from '@handgrad/layers'
import { Generator, Tensor } from '@handgrad/tensor'
import { expect, vi } from 'vitest'
import type { TrainConfig } from '../../config.ts'
import type { TrainData } from '../../data.ts'
import type { TrainEvent } from '../../events.ts'
import { models } from '../../models.ts'
import { resolveConfig } from '../../resolve-config.ts'
import type { RunState } from '../../state/run-state.ts'
import { TrainingRun } from '../../training-run.ts'
import { H, W } from './draws.ts'
import type { Image } from './network.ts'
import type { Data, Recipe } from './run.ts'

/** Images of noise, of 3 classes. */
export function noise(count: number, seed: number): Image[] {
  const generator = new Generator(seed)
  return Array.from({ length: count }, (_, i) => ({
    pixels: [...generator.uniform(new Float32Array(H * W), -2, 2)],
    label: (i * i + seed) % 3,
    seconds: (1 + (i % 8)) / 16,
  }))
}

/** 7 images, of which 5 are trained on and 2 validate, and 4 to test; −0.75 around an image. */
export const data: Data = { train: noise(7, 21), test: noise(4, 22), classes: 3, background: -0.75 }

/** Clock that only reading moves, and whoever holds it. */
export const clock = { now: 0 }

/** Makes the clock the only one, until mocks are restored. */
export function holdClock(): void {
  clock.now = 5000
  vi.spyOn(performance, 'now').mockImplementation(() => clock.now)
}

/** Every kind of recipe that a preset has, and what a user can make of them. */
const plain: Recipe = {
  seed: 6,
  epochs: 2,
  batchSize: 2,
  optimizer: 'sgd',
  lr: 0.5,
  momentum: 0,
  schedule: 'constant',
  shift: 0,
  dropout: 0,
}
export const recipes: Record<string, Recipe> = {
  'plain SGD at a constant rate': plain,
  'momentum and one cycle': { ...plain, seed: 1, momentum: 0.9, schedule: 'one-cycle' },
  'Adam and one cycle': { ...plain, seed: 2, optimizer: 'adam', lr: 0.1, schedule: 'one-cycle' },
  'momentum in thirds of four epochs': { ...plain, seed: 3, epochs: 4, momentum: 0.5, schedule: 'step' },
  'Adam in thirds of two epochs': { ...plain, seed: 4, optimizer: 'adam', lr: 0.1, schedule: 'step' },
  'images that are shifted': { ...plain, seed: 5, shift: 1 },
  'dropout behind images that are shifted': { ...plain, seed: 6, shift: 2, momentum: 0.9, dropout: 0.25 },
  'batches larger than the data, and than all memory': { ...plain, seed: 7, batchSize: 2 ** 40 },
}

/** All events of a run; what their reader does between them takes time that is not the run's. */
export async function collect(run: TrainingRun): Promise<TrainEvent[]> {
  const events: TrainEvent[] = []
  for await (const event of run.events()) {
    events.push(event)
    clock.now += 1e6
  }
  return events
}

/** Images as the trainer takes them; reading one moves the clock. */
function datasetOf(images: readonly Image[]): TensorDataset {
  const x = Float32Array.from(images.flatMap(({ pixels }) => pixels))
  const y = Int32Array.from(images, ({ label }) => label)
  const dataset = new TensorDataset(
    new Tensor<'float32'>(x, [images.length, 1, H, W]),
    new Tensor<'int32'>(y, [images.length]),
  )
  const { gather } = dataset
  const timed: typeof gather = (order, from, to, ...out) => {
    for (const i of order.subarray(from, to)) clock.now += images[i].seconds * 1000
    gather(order, from, to, ...out)
  }
  return Object.assign(dataset, { gather: timed })
}

export const trainData = ({ train, test, ...rest }: Data = data): TrainData => ({
  train: datasetOf(train),
  test: datasetOf(test),
  ...rest,
})

/** The same from datasets of one's own, that have a length and give one image at a time; `asked` hears which. */
export function ownData(asked: (image: Image) => void, { train, test, ...rest }: Data = data): TrainData {
  const one = (images: readonly Image[]): Dataset => {
    const dataset = datasetOf(images)
    const get = (i: number): Sample => {
      asked(images[i])
      clock.now += images[i].seconds * 1000
      return dataset.get(i)
    }
    return { length: images.length, get }
  }
  return { train: one(train), test: one(test), ...rest }
}

/** The config of a recipe, without what is no field of one. */
export function configOf(recipe: Recipe): TrainConfig {
  const { dropout: _, ...fields } = recipe
  return resolveConfig({ model: 'mlp', threads: 1, ...fields })
}

/** The run of a recipe: its network is dropout, if any, and a linear layer. */
export function runOf(recipe: Recipe, state?: RunState, given: TrainData = trainData()): TrainingRun {
  const dropout = recipe.dropout > 0 ? [new Dropout(recipe.dropout)] : []
  vi.spyOn(models, 'mlp').mockImplementation(
    () => new Sequential(new Flatten(), ...dropout, new Linear(H * W, 3)),
  )
  return new TrainingRun(configOf(recipe), given, state)
}

/**
 * The same with room for rounding around every number that is not whole: float32 against float64 over a dozen steps.
 * Rates are float64 on both sides.
 */
export function roughly(value: unknown, name = ''): unknown {
  if (typeof value === 'number') {
    return Number.isInteger(value) ? value : expect.closeTo(value, name === 'lr' ? 14 : 5)
  }
  if (Array.isArray(value)) return value.map((inner) => roughly(inner))
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, roughly(inner, key)]))
}

/** Each tensor as its numbers in one row. */
export const values = (tensors: Readonly<Record<string, Tensor>>): Record<string, number[]> =>
  Object.fromEntries(Object.entries(tensors).map(([name, { data: numbers }]) => [name, [...numbers]]))
