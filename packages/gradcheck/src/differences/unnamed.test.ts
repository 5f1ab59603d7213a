import type { Tensor } from '@handgrad/tensor'
import { expect, it } from 'vitest'
import { double } from '../test/layers.ts'
import { unnamedTensors } from './unnamed.ts'

/** What is said of a layer whose output is the sum of these tensors, wherever it keeps them. */
function pathsIn(layer: object, tensors: readonly Tensor[], named: readonly Tensor[] = []): string[] {
  const forward = (): Tensor => double([tensors.reduce((sum, { data }) => sum + data[0], 0)])
  return unnamedTensors(layer, named, forward, forward()).map((said) => said.split(': ')[0])
}

/** A tensor under so many names, one in the other. */
const nested = (depth: number, t: Tensor): object =>
  depth === 0 ? t : { [`p${depth}`]: nested(depth - 1, t) }

it('parts of parts are searched, six names deep and no deeper', () => {
  const t = double([2])
  expect(pathsIn(nested(1, t), [t])).toEqual(['p1'])
  expect(pathsIn(nested(6, t), [t])).toEqual(['p6.p5.p4.p3.p2.p1'])
  expect(pathsIn(nested(7, t), [t])).toEqual([])
})

it('maps are searched too, and what leads back to itself once', () => {
  const [gain, other] = [double([2]), double([3])]
  const layer: Record<string, unknown> = { parts: new Map([['gain', gain]]), again: { gain }, other }
  layer.self = layer
  expect(pathsIn(layer, [gain, other])).toEqual(['parts.gain', 'other'])
  expect(pathsIn(layer, [gain, other], [other])).toEqual(['parts.gain'])
  expect(pathsIn(layer, [other])).toEqual(['other'])
  expect([gain.data[0], other.data[0]]).toEqual([2, 3])
})
