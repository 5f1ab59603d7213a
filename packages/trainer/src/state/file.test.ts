import { readSafetensors, SafetensorsError, saveSafetensors, Tensor, tensor } from '@handgrad/tensor'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { recipes, runOf } from '../test/by-hand/setting.ts'
import { loadRunState, saveRunState } from './file.ts'
import { RunStateError } from './run-state.ts'
import { sealed } from './seal.ts'

/** A saved run after its first epoch, taken apart. */
interface Parts {
  readonly tensors: Record<string, Tensor<any>>
  readonly metadata: Record<string, string>
  readonly run: Record<string, any>
}

let saved = new Uint8Array()

beforeEach(async () => {
  const run = runOf(recipes['momentum and one cycle'])
  for await (const { event } of run.events()) if (event === 'epoch') break
  saved = saveRunState(run.state())
})
afterEach(() => vi.restoreAllMocks())

/** The file with something wrong in it; `run` is written back unless the spoiling has written another. */
function spoiled(spoil: (parts: Parts) => void): Uint8Array {
  const { tensors, metadata } = readSafetensors(saved)
  const parts: Parts = { tensors: { ...tensors }, metadata: { ...metadata }, run: JSON.parse(metadata!.run) }
  delete parts.metadata.run
  delete parts.metadata.crc32
  spoil(parts)
  return sealed((checksum) =>
    saveSafetensors(parts.tensors, { run: JSON.stringify(parts.run), ...parts.metadata, ...checksum }),
  )
}

const places = 'is not in its place, with numbers for all measures'
const sizes = 'images has no whole numbers training, validation and test'
const position = 'schedule has no whole number lastEpoch and no number lr'

test.each<[string, (parts: Parts) => void, string]>([
  [
    'without the mark',
    ({ metadata }) => delete metadata['handgrad.run-state'],
    'the file is not one: its metadata has no handgrad.run-state',
  ],
  [
    'of a later version',
    ({ metadata }) => (metadata['handgrad.run-state'] = '3'),
    'has version "3", expected 1 or 2: a newer handgrad reads it',
  ],
  [
    'of no version',
    ({ metadata }) => (metadata['handgrad.run-state'] = ''),
    'has version "", expected 1 or 2: a newer handgrad reads it',
  ],
  ['of a broken run', ({ metadata }) => (metadata.run = '{"config":'), 'run in its metadata is not JSON'],
  ['of a run that is a list', ({ metadata }) => (metadata.run = '[]'), 'run is not an object'],
  ['of a run that is null', ({ metadata }) => (metadata.run = 'null'), 'run is not an object'],
  ['of a run that is a number', ({ metadata }) => (metadata.run = '7'), 'run is not an object'],
  ['without a config', ({ run }) => delete run.config, 'config is not an object'],
  ['with a list as config', ({ run }) => (run.config = []), 'config is not an object'],
  ['with a wrong field', ({ run }) => (run.config.lr = -1), 'config: lr is -1: expected a number above 0'],
  [
    'with a field of a later version',
    ({ run }) => (run.config.warmup = 1),
    "config: unknown field 'warmup' in a training config",
  ],
  ['without images', ({ run }) => delete run.images, 'images is not an object'],
  ['without training images', ({ run }) => delete run.images.training, sizes],
  ['with half a validation image', ({ run }) => (run.images.validation = 1.5), sizes],
  ['with −1 test images', ({ run }) => (run.images.test = -1), sizes],
  ['without an optimizer', ({ run }) => delete run.optimizer, 'optimizer is not an object'],
  ['of 1000 parameters', ({ run }) => (run.optimizer.parameters = 1000), 'optimizer.parameters is 1000'],
  ['of −1 parameters', ({ run }) => (run.optimizer.parameters = -1), 'optimizer.parameters is -1'],
  ['of "2" parameters', ({ run }) => (run.optimizer.parameters = '2'), 'optimizer.parameters is "2"'],
  [
    'with a weight of float64',
    ({ tensors }) => (tensors['model.1.bias'] = tensor(new Float64Array(3))),
    '"model.1.bias" is float64, expected float32',
  ],
  [
    'with a momentum of float64',
    ({ tensors }) => (tensors['optimizer.1.momentum_buffer'] = tensor(new Float64Array(3))),
    '"optimizer.1.momentum_buffer" is float64, expected float32',
  ],
  ['without a schedule', ({ run }) => delete run.schedule, 'schedule is not an object'],
  ['with half a step', ({ run }) => (run.schedule.lastEpoch = 0.5), position],
  ['without a step', ({ run }) => delete run.schedule.lastEpoch, position],
  ['with a rate that is a word', ({ run }) => (run.schedule.lr = '0.1'), position],
  ['without a rate', ({ run }) => (run.schedule.lr = null), position],
  [
    'without a generator',
    ({ tensors }) => delete tensors['generator.default'],
    'has no generator.default of uint8',
  ],
  [
    'with a generator of int32',
    ({ tensors }) => (tensors['generator.default'] = tensor(new Int32Array(5056))),
    'has no generator.default of uint8',
  ],
  ['without a sampler', ({ run }) => delete run.sampler, 'sampler is not an object'],
  [
    'within an epoch',
    ({ run }) => (run.sampler.batch = 1),
    'stands at batch 1, expected the start of an epoch',
  ],
  [
    'at no batch',
    ({ run }) => delete run.sampler.batch,
    'stands at batch undefined, expected the start of an epoch',
  ],
  ['without a history', ({ run }) => delete run.history, 'history is not the list of its 1 epochs'],
  ['with a text as history', ({ run }) => (run.history = 'x'), 'history is not the list of its 1 epochs'],
  ['with one epoch lost', ({ run }) => run.history.pop(), 'history is not the list of its 1 epochs'],
  ['with one epoch more', ({ run }) => (run.sampler.epoch = 0), 'history is not the list of its 0 epochs'],
  ['with another epoch', ({ run }) => (run.history[0].epoch = 2), `history: epoch 1 ${places}`],
  ['with an epoch that is null', ({ run }) => (run.history[0] = null), `history: epoch 1 ${places}`],
  ...['lr', 'trainLoss', 'trainAccuracy', 'validationLoss', 'validationAccuracy', 'seconds'].map(
    (measure): [string, (parts: Parts) => void, string] => [
      `without ${measure} in its history`,
      ({ run }) => delete run.history[0][measure],
      `history: epoch 1 ${places}`,
    ],
  ),
])('a file %s is refused', (_, spoil, message) => {
  expect(() => loadRunState(spoiled(spoil))).toThrow(new RunStateError(message))
  expect(() => loadRunState(spoiled(spoil))).toThrow(`run state: ${message}`)
})

test('a file without a run is refused', () => {
  const { tensors, metadata } = readSafetensors(saved)
  const { run: _, ...others } = metadata!
  const bytes = sealed((checksum) => saveSafetensors(tensors, { ...others, ...checksum }))
  expect(() => loadRunState(bytes)).toThrow(new RunStateError('its metadata has no run'))
  expect(() => loadRunState(saveSafetensors(tensors))).toThrow(
    new RunStateError('the file is not one: its metadata has no handgrad.run-state'),
  )
})

test('an error names itself, as the program that ends with it shows', () => {
  expect(String(new RunStateError('gone'))).toBe('RunStateError: run state: gone')
})

test('a file that is cut anywhere is refused', () => {
  loadRunState(saved)
  const ends = [0, 1, 7, 8, 9, 500, saved.length - 5056, saved.length - 1]
  for (const end of ends) expect(() => loadRunState(saved.slice(0, end))).toThrow(SafetensorsError)
  expect(() => loadRunState(Uint8Array.from([...saved, 0]))).toThrow(SafetensorsError)
})

test('names of weights are data: no prototype is changed, and no prefix taken for a whole name', () => {
  const state = loadRunState(
    spoiled(({ tensors }) => {
      tensors['model.__proto__'] = tensor([1, 2])
      tensors['optimizer.10.momentum_buffer'] = tensor([3])
    }),
  )
  expect(Object.keys(state.model)).toEqual(['1.weight', '1.bias', '__proto__'].toSorted())
  expect(state.optimizer.state.map((kept) => Object.keys(kept))).toEqual([
    ['momentum_buffer'],
    ['momentum_buffer'],
  ])
  expect(state.optimizer.state[1].momentum_buffer.shape).toEqual([3])
  expect(Object.getPrototypeOf(state.model)).toBe(null)
})

test('what is not checked in the file is kept as it is', () => {
  const { metadata } = readSafetensors(spoiled(({ metadata: all }) => (all.note = 'by hand')))
  expect(metadata).toMatchObject({ note: 'by hand' })
  const state = loadRunState(spoiled(({ metadata: all }) => (all.note = 'by hand')))
  expect(state).toEqual(loadRunState(saved))
  expect(state.model['1.weight']).toBeInstanceOf(Tensor)
})

test('a file in which a single bit is another is refused', () => {
  const state = loadRunState(saved)
  const header = 8 + Number(new DataView(saved.buffer).getBigUint64(0, true))
  const inHeader = Array.from({ length: header }, (_, i) => i * 8 + (i % 8))
  const inTensors = Array.from({ length: 100 }, (_, i) => header * 8 + i * 401)
  for (const bit of [...inHeader, ...inTensors, saved.length * 8 - 1]) {
    if (bit >= saved.length * 8) continue
    const changed = saved.slice()
    changed[bit >> 3] ^= 1 << (bit & 7)
    expect(() => loadRunState(changed), `bit ${bit}`).toThrow(/^(run state|safetensors): /)
  }
  expect(loadRunState(saved)).toEqual(state)
})

test('a checksum that is another, or gone, is said', () => {
  const { tensors, metadata } = readSafetensors(saved)
  const { crc32, ...others } = metadata!
  const gone = 'is damaged: its metadata has no checksum'
  expect(() => loadRunState(saveSafetensors(tensors, others))).toThrow(new RunStateError(gone))
  for (const bad of ['', '0', crc32.slice(1), `${crc32}0`])
    expect(() => loadRunState(saveSafetensors(tensors, { ...others, crc32: bad }))).toThrow(
      'run state: is damaged',
    )
  const other = '00000000'
  expect(() => loadRunState(saveSafetensors(tensors, { ...others, crc32: other }))).toThrow(
    new RunStateError(`is damaged: its checksum is ${other}, its bytes give ${crc32}`),
  )
})

test('a file of the version before, which has no checksum, is read', () => {
  const { tensors, metadata } = readSafetensors(saved)
  const { crc32: _, ...others } = metadata!
  const older = Object.fromEntries(Object.entries(tensors).filter(([name]) => !name.startsWith('best.')))
  const { best, ...state } = loadRunState(saved)
  expect(Object.keys(best!).toSorted()).toEqual(['1.bias', '1.weight'])
  expect(loadRunState(saveSafetensors(older, { ...others, 'handgrad.run-state': '1' }))).toEqual(state)
})
