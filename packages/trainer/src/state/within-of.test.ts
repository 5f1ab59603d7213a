import { tensor } from '@handgrad/tensor'
import { expect, test } from 'vitest'
import { RunStateError } from './run-state.ts'
import { withinOf } from './within.ts'

const tally = { batches: 2, images: 16, seconds: 0.5, loss: 1.25, correct: 9 }
const order = tensor(Int32Array.of(2, 0, 1))
const usual = {
  phase: 'train',
  lr: 0.1,
  trained: null,
  tally,
  sampler: { position: 2, exhausted: false, targetDtype: 'int32' },
  stalled: { zeroGradient: ['0.bias'], unmoved: ['0.bias', '1.weight'] },
}

test('all of it is read, of training and of validation', () => {
  expect(withinOf({}, undefined)).toBeUndefined()
  const read = withinOf({ within: usual }, order)!
  expect(read).toEqual({
    ...usual,
    sampler: { ...usual.sampler, order: Int32Array.of(2, 0, 1) },
  })
  const trained = { ...tally, batches: 7 }
  const later = withinOf({ within: { ...usual, phase: 'validation', trained } }, order)!
  expect([later.phase, later.trained, later.tally]).toEqual(['validation', trained, tally])
  for (const targetDtype of [null, 'float32'])
    expect(
      withinOf({ within: { ...usual, sampler: { ...usual.sampler, targetDtype } } }, order)!.sampler
        .targetDtype,
    ).toBe(targetDtype)
})

test.each<[string, object, string]>([
  ['another phase', { phase: 'test' }, 'within has no phase, train or validation, and no number lr'],
  ['a rate in words', { lr: '0.1' }, 'within has no phase, train or validation, and no number lr'],
  ['trained while it trains', { trained: tally }, 'within has a trained in its train'],
  ['none while it validates', { phase: 'validation' }, 'within has no trained in its validation'],
  ['no sampler', { sampler: [] }, 'within.sampler is not an object'],
  ['half a position', { sampler: { ...usual.sampler, position: 0.5 } }, 'within.sampler has no position'],
  ['a place below 0', { sampler: { ...usual.sampler, position: -1 } }, 'within.sampler has no position'],
  [
    'exhausted in words',
    { sampler: { ...usual.sampler, exhausted: 'no' } },
    'within.sampler has no position',
  ],
  [
    'another dtype',
    { sampler: { ...usual.sampler, targetDtype: 'uint8' } },
    'within.sampler has no position',
  ],
  ['no tally', { tally: null }, 'within.tally is not an object'],
  ...Object.keys(tally).map((key): [string, object, string] => [
    `${key} in words`,
    { tally: { ...tally, [key]: 'many' } },
    'within.tally has no batches, images, seconds, loss and correct',
  ]),
  ['no stalled', { stalled: null }, 'within.stalled has no lists of names'],
  [
    'numbers for names',
    { stalled: { ...usual.stalled, unmoved: [1] } },
    'within.stalled has no lists of names',
  ],
  ['a name for names', { stalled: { ...usual.stalled, zeroGradient: 'all' } }, 'within.stalled has no lists'],
])('%s is refused', (_, changed, message) => {
  const read = (): unknown => withinOf({ within: { ...usual, ...changed } }, order)
  expect(read).toThrow(RunStateError)
  expect(read).toThrow(message)
})

test('an order of another kind, or none, is refused', () => {
  for (const wrong of [undefined, tensor([1, 2])])
    expect(() => withinOf({ within: usual }, wrong)).toThrow('has no sampler.order of int32')
})
