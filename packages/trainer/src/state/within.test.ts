import { readSafetensors, saveSafetensors, type Tensor, tensor } from '@handgrad/tensor'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { recipes, runOf } from '../test/by-hand/setting.ts'
import { loadRunState, saveRunState } from './file.ts'
import { RunStateError } from './run-state.ts'
import { sealed } from './seal.ts'

const recipe = recipes['momentum and one cycle']
let saved: Record<'train' | 'validation', Uint8Array>

beforeEach(async () => {
  const run = runOf(recipe)
  saved = { train: new Uint8Array(), validation: new Uint8Array() }
  for await (const event of run.events()) {
    if (event.event !== 'progress' || event.epoch !== 2) continue
    if (event.phase === 'train' && event.batch === 2) saved.train = saveRunState(run.state())
    if (event.phase === 'validation') saved.validation = saveRunState(run.state())
    if (event.phase === 'validation') break
  }
})
afterEach(() => vi.restoreAllMocks())

type Run = Record<string, any>
type Tensors = Record<string, Tensor<any>>

/** The file with something wrong in it. */
function spoiled(bytes: Uint8Array, spoil: (run: Run, tensors: Tensors) => void): Uint8Array {
  const { tensors, metadata } = readSafetensors(bytes)
  const run = JSON.parse(metadata!.run) as Run
  const own: Tensors = { ...tensors }
  spoil(run, own)
  const { crc32: _, ...others } = metadata!
  return sealed((checksum) => saveSafetensors(own, { ...others, run: JSON.stringify(run), ...checksum }))
}

test('a file holds where an epoch stands, its order and its sums', () => {
  const { within, history } = loadRunState(saved.train)
  expect(history).toHaveLength(1)
  expect(within).toMatchObject({
    phase: 'train',
    trained: null,
    tally: { batches: 2, images: 4 },
    stalled: { zeroGradient: [], unmoved: [] },
  })
  expect(within!.sampler).toMatchObject({ position: 4, exhausted: false })
  expect(within!.sampler.order!.toSorted()).toEqual(Int32Array.of(0, 1, 2, 3, 4))
  const later = loadRunState(saved.validation).within!
  expect(later).toMatchObject({
    phase: 'validation',
    tally: { batches: 1, images: 2 },
    trained: { batches: 3, images: 5 },
  })
  expect(JSON.parse(readSafetensors(saved.train).metadata!.run)).toMatchObject({
    sampler: { epoch: 1, batch: 2 },
  })
})

const phase = 'within has no phase, train or validation, and no number lr'
const sampler = 'within.sampler has no position, exhausted and targetDtype'
const tally = 'within.tally has no batches, images, seconds, loss and correct'
const stalled = 'within.stalled has no lists of names, zeroGradient and unmoved'

test.each<[string, (run: Run, tensors: Tensors) => void, string]>([
  ['a phase that is none', (run) => (run.within.phase = 'test'), phase],
  ['no rate', (run) => delete run.within.lr, phase],
  ['no object', (run) => (run.within = 7), 'within is not an object'],
  [
    'sums of a training before',
    (run) => (run.within.trained = run.within.tally),
    'within has a trained in its train',
  ],
  ['no sums', (run) => delete run.within.tally, 'within.tally is not an object'],
  ['no sampler', (run) => delete run.within.sampler, 'within.sampler is not an object'],
  ['no order', (_, tensors) => delete tensors['sampler.order'], 'has no sampler.order of int32'],
  [
    'an order of fractions',
    (_, tensors) => (tensors['sampler.order'] = tensor([0, 1, 2, 3, 4])),
    'has no sampler.order of int32',
  ],
  ['no position', (run) => delete run.within.sampler.position, sampler],
  ['half a position', (run) => (run.within.sampler.position = 1.5), sampler],
  ['no word on its end', (run) => (run.within.sampler.exhausted = 1), sampler],
  ['targets of another kind', (run) => (run.within.sampler.targetDtype = 'int8'), sampler],
  ...['batches', 'images', 'seconds', 'loss', 'correct'].map((name): [string, (run: Run) => void, string] => [
    `no ${name}`,
    (run) => {
      delete run.within.tally[name]
      if (name === 'batches') run.sampler.batch = 0
    },
    tally,
  ]),
  ['no list of what stands still', (run) => delete run.within.stalled, stalled],
  ['a number as a name', (run) => (run.within.stalled.unmoved = [1]), stalled],
  ['no zero gradients', (run) => delete run.within.stalled.zeroGradient, stalled],
  ['another batch', (run) => (run.sampler.batch = 1), 'stands at batch 1, expected 2'],
])('a file with %s is refused', (_, spoil, message) => {
  expect(() => loadRunState(spoiled(saved.train, spoil))).toThrow(new RunStateError(message))
})

test('a file that validates without a training is refused', () => {
  const bytes = spoiled(saved.validation, (run) => (run.within.trained = null))
  expect(() => loadRunState(bytes)).toThrow(new RunStateError('within has no trained in its validation'))
})

const fit = 'they do not fit'
test.each<[string, (run: Run, tensors: Tensors) => void, string]>([
  ['another sample', (run) => (run.within.sampler.position = 3), fit],
  ['another number of images', (run) => (run.within.tally.images = 3), fit],
  [
    'no batch',
    (run) => {
      run.within.tally.batches = 0
      run.within.tally.images = 0
      run.within.sampler.position = 0
      run.sampler.batch = 0
      run.schedule.lastEpoch = 3
    },
    fit,
  ],
  [
    'an order that is none',
    (_, tensors) => (tensors['sampler.order'] = tensor(Int32Array.of(0, 1, 2, 3, 3))),
    'order is not a permutation',
  ],
  [
    'an order of other data',
    (_, tensors) => (tensors['sampler.order'] = tensor(Int32Array.of(0, 1, 2, 3))),
    'order is not a permutation',
  ],
  ['a schedule behind', (run) => (run.schedule.lastEpoch = 3), 'its schedule stands at step 3, expected 5'],
  [
    'no best weights',
    (_, tensors) => delete tensors['best.1.bias'],
    'the weights of its best epoch are not those of this network',
  ],
])('%s does not fit the run, and is refused', (_, spoil, message) => {
  const state = loadRunState(spoiled(saved.train, spoil))
  expect(() => runOf(recipe, state)).toThrow(RunStateError)
  expect(() => runOf(recipe, state)).toThrow(message)
})
