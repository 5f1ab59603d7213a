import { type Tensor, tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import type { TorchObject } from '../torch/build.ts'
import { jitter, kinkSpread } from './kinks.ts'
import { linear, pool, recordOf, relu, t } from './test/by-hand.ts'
import { type Named, Twin } from './twin.ts'

/** ReLU in front of a Linear layer. */
function reluFirst(reach: number, x: Tensor, ties: 'stay' | 'move' = 'stay'): Named {
  const record = recordOf(
    { model: [relu, linear(3, 2, false)] },
    {
      '0/state.1.weight': t([
        [1, 2, 3],
        [-1, 0, 5],
      ]),
    },
  )
  const twin = new Twin(record)
  twin.restore(0)
  return kinkSpread(twin, twin.pass(x, tensor(Int32Array.of(1))), { x: reach, 'y.0': 0, 'y.1': 0 }, ties)
}

describe('close decisions', () => {
  it('of a ReLU reach the gradients of elements that are nearer to 0 than what moves them', () => {
    const spread = reluFirst(1e-3, t([[0.5, 1e-5, -1e-5]]))
    const { dx } = spread
    expect(Object.keys(spread)).toEqual(['dx'])
    expect(dx.data[0]).toBe(0)
    expect(dx.data[1]).toBeGreaterThan(0)
    expect(dx.data[2]).toBeGreaterThan(0)
    expect(reluFirst(1e-6, t([[0.5, 1e-5, -1e-5]]))).toEqual({})
    expect(reluFirst(0, t([[0.5, 0, 0]]))).toEqual({})
  })

  it('of layers behind spread to the parameters and gradients in front, by magnitudes', () => {
    // y.0 = [2, 1e-6]: the second is within reach; it changes dy.0 by |dy.1|, and so dx and dw.
    const record = recordOf(
      { model: [linear(2, 2), relu, linear(2, 2, false)] },
      {
        '0/state.0.weight': t([
          [1, 1],
          [-1, 1],
        ]),
        '0/state.0.bias': t([0, 1e-6]),
        '0/state.2.weight': t([
          [1, 2],
          [-1, 4],
        ]),
      },
    )
    const twin = new Twin(record)
    twin.restore(0)
    const before = twin.parameters.map(([, parameter]) => [...parameter.data])
    const truth = twin.pass(t([[1, 1]]), tensor(Int32Array.of(0)))
    const spread = kinkSpread(twin, truth, { x: 0, 'y.0': 1e-3, 'y.1': 0, 'y.2': 0 }, 'stay')
    const change = Math.abs(truth['dy.1'].data[1])
    expect(change).toBeGreaterThan(0)
    expect([...spread['dy.0'].data]).toEqual([0, change])
    expect([...spread['dx'].data]).toEqual([change, change])
    expect([...spread['d.0.weight'].data]).toEqual([0, 0, change, change])
    expect([...spread['d.0.bias'].data]).toEqual([0, change])
    expect(Object.keys(spread).sort()).toEqual(['d.0.bias', 'd.0.weight', 'dx', 'dy.0'])
    expect(twin.parameters.map(([, parameter]) => [...parameter.data])).toEqual(before)
  })

  /** Where the second element of `model[at]`'s output, which is 1e-6, may be off by 1e-3; and what it decides. */
  function spreadFrom(model: TorchObject[], at: number, first: number[][], x: Tensor) {
    const record = recordOf(
      { model },
      { [`0/state.${at}.weight`]: t(first), [`0/state.${at + 2}.weight`]: t([[1, 2], [-1, 4]]) }, // biome-ignore format: a matrix
    )
    const twin = new Twin(record)
    twin.restore(0)
    const truth = twin.pass(x, tensor(Int32Array.of(0)))
    const change = Math.abs(truth[`dy.${at + 1}`].data[1])
    expect(change).toBeGreaterThan(0)
    const still = Object.fromEntries(model.map((_, i) => [`y.${i}`, 0]))
    return { spread: kinkSpread(twin, truth, { x: 0, ...still, [`y.${at}`]: 1e-3 }, 'stay'), change }
  }
  const plain = linear(2, 2, false)

  it('spread through a ReLU in front as its mask is', () => {
    const { spread, change } = spreadFrom([relu, plain, relu, plain], 1, [[3, 1], [-2, 1e-6]], t([[-1, 1]])) // biome-ignore format: a matrix
    expect([...spread['d.1.weight'].data]).toEqual([0, 0, 0, change])
    expect([...spread['dy.0'].data]).toEqual([2 * change, 1e-6 * change])
    expect([...spread['dx'].data]).toEqual([0, 1e-6 * change])
  })

  it('spread to weights by the magnitude of what they are multiplied with', () => {
    const { spread, change } = spreadFrom([plain, relu, plain], 0, [[3, 1], [2, 2 - 1e-6]], t([[1, -1]])) // biome-ignore format: a matrix
    expect([...spread['d.0.weight'].data]).toEqual([0, 0, change, change])
    expect([...spread['dx'].data]).toEqual([2 * change, (2 - 1e-6) * change])
  })

  it('of equal values stay where they move alike, and are taken either way where each moves by itself', () => {
    const record = recordOf(
      { model: [pool(2), { torch: 'Flatten', args: {} }, linear(1, 2, false)] },
      { '0/state.2.weight': t([[2], [1]]) },
    )
    const twin = new Twin(record)
    twin.restore(0)
    const truth = twin.pass(
      t([
        [
          [
            [7, 7],
            [1, 2],
          ],
        ],
      ]),
      tensor(Int32Array.of(0)),
    )
    const reach = { x: 1e-9, 'y.0': 0, 'y.1': 0, 'y.2': 0 }
    expect(kinkSpread(twin, truth, reach, 'stay')).toEqual({})
    expect([...kinkSpread(twin, truth, reach, 'move').dx.data].map(Math.sign)).toEqual([1, 1, 0, 0])
  })
})

describe('an element is moved sixteen times', () => {
  /** Whether the sign of the middle element of three flips, which can move by 1000. */
  const flips = (value: number, ties: 'stay' | 'move'): boolean =>
    'dx' in reluFirst(1000, t([[1e6, value, 1e6]]), ties)

  it('by draws 1 to 16 of its value', () => {
    // The first of these draws that is below 0 is the 16th of the one, the 17th of the other.
    expect([441_892 * 1e-9, 1_179_592 * 1e-9].map((value) => firstBelow(value, 1))).toEqual([16, 17])
    expect(flips(441_892 * 1e-9, 'stay')).toBe(true)
    expect(flips(1_179_592 * 1e-9, 'stay')).toBe(false)
  })

  it('or, each element by itself, by draws 17 to 32 for the second', () => {
    expect([951_046 * 1e-9, 148_237 * 1e-9].map((value) => firstBelow(value, 17))).toEqual([
      32,
      expect.any(Number),
    ])
    expect(firstBelow(148_237 * 1e-9, 17)).toBeGreaterThan(32)
    expect(firstBelow(148_237 * 1e-9, 1)).toBeLessThan(17)
    expect(flips(951_046 * 1e-9, 'move')).toBe(true)
    expect(flips(148_237 * 1e-9, 'move')).toBe(false)
  })
})

function firstBelow(value: number, from: number): number {
  let trial = from
  while (jitter(value, trial) >= 0) trial++
  return trial
}

/** The same in whole numbers without end: a low and a high half of the double, the trial, and splitmix32's finish. */
function jitterOf(value: number, trial: number): number {
  const word = (n: bigint): bigint => BigInt.asUintN(32, n)
  const [low, high] = [...new Uint32Array(Float64Array.of(value).buffer)].map(BigInt)
  const step = BigInt(trial)
  let h = high ^ word((low + step) * 0x9e3779b9n) ^ word(step * 0x85ebca6bn)
  h = word((h ^ (h >> 16n)) * 0x21f0aaadn)
  h = word((h ^ (h >> 15n)) * 0x735a2d97n)
  return Number(BigInt.asIntN(32, h ^ (h >> 15n))) / 2 ** 31
}

it('a value is moved by a number that is its own, from −1 to 1, another one in each trial', () => {
  const values = [0, -0, 1, -1, 0.1, 1e-300, 7.25, Math.PI, -1e300]
  const moves = values.flatMap((value) => [1, 2, 16, 1000].map((trial) => jitter(value, trial)))
  expect(moves).toEqual(values.flatMap((value) => [1, 2, 16, 1000].map((trial) => jitterOf(value, trial))))
  expect(new Set(moves).size).toBe(moves.length)
  expect(Math.min(...moves)).toBeLessThan(-0.8)
  expect(Math.max(...moves)).toBeGreaterThan(0.8)
})
