import type { DType, Tensor } from '@handgrad/tensor'
import type { TallyState } from '../tally.ts'
import { RunStateError, type Within } from './run-state.ts'
import { isObject, objectAt, whole } from './values.ts'

/**
 * Where the run of a file stands within an epoch; undefined between two.
 * @throws RunStateError where that is not written as it should be.
 */
export function withinOf(run: Record<string, unknown>, order: Tensor<DType> | undefined): Within | undefined {
  if (run.within === undefined) return undefined
  const within = objectAt(run, 'within')
  const { phase, lr } = within
  if ((phase !== 'train' && phase !== 'validation') || typeof lr !== 'number')
    throw new RunStateError('within has no phase, train or validation, and no number lr')
  if ((phase === 'train') !== (within.trained === null))
    throw new RunStateError(`within has ${phase === 'train' ? 'a' : 'no'} trained in its ${phase}`)
  return {
    phase,
    sampler: samplerOf(objectAt(within, 'sampler', 'within.'), order),
    tally: tallyOf(within, 'tally'),
    trained: phase === 'train' ? null : tallyOf(within, 'trained'),
    lr,
    stalled: stalledOf(within),
  }
}

function samplerOf(
  { position, exhausted, targetDtype }: Record<string, unknown>,
  order: Tensor<DType> | undefined,
): Within['sampler'] {
  if (order?.dtype !== 'int32') throw new RunStateError('has no sampler.order of int32')
  const isKnown = targetDtype === null || targetDtype === 'int32' || targetDtype === 'float32'
  if (!whole(position) || typeof exhausted !== 'boolean' || !isKnown)
    throw new RunStateError('within.sampler has no position, exhausted and targetDtype')
  return { order: (order as Tensor<'int32'>).data, position, exhausted, targetDtype }
}

function tallyOf(within: Record<string, unknown>, name: string): TallyState {
  const { batches, images, seconds, loss, correct } = objectAt(within, name, 'within.')
  if (!whole(batches) || !whole(images) || !whole(correct) || !isNumber(seconds) || !isNumber(loss))
    throw new RunStateError(`within.${name} has no batches, images, seconds, loss and correct`)
  return { batches, images, seconds, loss, correct }
}

const isNumber = (value: unknown): value is number => Number.isFinite(value)

const isNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((name) => typeof name === 'string')

function stalledOf({ stalled }: Record<string, unknown>): Within['stalled'] {
  const { zeroGradient, unmoved } = isObject(stalled) ? stalled : {}
  if (!isNames(zeroGradient) || !isNames(unmoved))
    throw new RunStateError('within.stalled has no lists of names, zeroGradient and unmoved')
  return { zeroGradient, unmoved }
}
