import { allocate, type DType, Tensor, tensor, zeros } from '@handgrad/tensor'
import { describe, expect, test } from 'vitest'
import type { Dataset, Target } from '../datasets/dataset.ts'
import { Subset } from '../datasets/subset.ts'
import { TensorDataset } from '../datasets/tensor-dataset.ts'
import { DataLoader } from './data-loader.ts'

/** Sample i is the number i, and `targets[i]`, whatever that is. */
const withTargets = (targets: readonly unknown[]): Dataset => ({
  length: targets.length,
  get: (i) => [tensor([i]), targets[i] as number],
})

type Wanted = { targetDtype?: 'float32' }

/** dtype, shape and elements of each batch's y. */
const targetsOf = (dataset: Dataset<Target>, batchSize: number, options: Wanted = {}): unknown[] =>
  Array.from(new DataLoader<DType>(dataset as Dataset, { batchSize, ...options }), ([, y]) => [
    y.dtype,
    y.shape,
    [...y.data],
  ])

const float32 = { targetDtype: 'float32' } as const
const advice = "for float32 targets say new DataLoader(ds, { targetDtype: 'float32' })"

describe('numbers', () => {
  test('whole ones are int32 [N], to both ends of int32', () => {
    const ends = [2 ** 31 - 1, -(2 ** 31), -1, 0]
    expect(targetsOf(withTargets(ends), 3)).toEqual([
      ['int32', [3], ends.slice(0, 3)],
      ['int32', [1], [0]],
    ])
  })

  test('a fraction makes its batch float32, wherever it stands in it, and all later batches', () => {
    expect(targetsOf(withTargets([1, 0.25, 3, 4]), 2)).toEqual([
      ['float32', [2], [1, 0.25]],
      ['float32', [2], [3, 4]],
    ])
  })

  test('later epochs of that loader are float32 too', () => {
    const loader = new DataLoader(withTargets([0.5, 1]), { shuffle: false })
    expect([...loader].map(([, y]) => y.dtype)).toEqual(['float32', 'float32'])
    expect([...loader].map(([, y]) => y.dtype)).toEqual(['float32', 'float32'])
    const fresh = new DataLoader(withTargets([1, 0.5]))
    const [first] = fresh
    expect(first[1].dtype).toBe('int32')
    expect(() => [...fresh]).toThrow('the target of sample 1 is 0.5')
  })

  test('a fraction after a batch of int32 is refused with its index and what to do', () => {
    const loader = new DataLoader(withTargets([1, 2, 3, 0.25]), { batchSize: 2 })
    const iterator = loader[Symbol.iterator]()
    expect(iterator.next().value?.[1]).toEqual(tensor(Int32Array.of(1, 2)))
    expect(() => iterator.next()).toThrow(
      new TypeError(
        `DataLoader: the target of sample 3 is 0.25, and so far this loader's targets are int32; ${advice}`,
      ),
    )
  })

  test('targetDtype makes all float32 from the first batch on', () => {
    expect(targetsOf(withTargets([1, 2, 3, 0.25]), 2, float32)).toEqual([
      ['float32', [2], [1, 2]],
      ['float32', [2], [3, 0.25]],
    ])
  })

  test('float32 takes NaN, infinity and what int32 cannot hold, but not what it cannot hold itself', () => {
    expect(targetsOf(withTargets([Number.NaN, 2 ** 31, -Infinity]), 3, float32)).toEqual([
      ['float32', [3], [Number.NaN, 2 ** 31, -Infinity]],
    ])
    expect(targetsOf(withTargets([Number.NaN, 0.5]), 2)).toEqual([['float32', [2], [Number.NaN, 0.5]]])
    expect(() => targetsOf(withTargets([0.5, 1e39]), 2)).toThrow(
      'DataLoader: the target of sample 1 is 1e+39, which float32 cannot hold',
    )
  })

  test('a resumed epoch goes on in the dtype that it had', () => {
    const pass = (targets: number[]) => {
      const loader = new DataLoader(withTargets(targets), { batchSize: 2 })
      const epoch = loader.start()
      epoch.next()
      loader.take(epoch)
      const again = new DataLoader(withTargets(targets), { batchSize: 2 })
      return Array.from(again.batches(again.resume(structuredClone(epoch.state()))), ([, y]) => y.dtype)
    }
    expect(pass([0.5, 1, 2, 3])).toEqual(['float32'])
    expect(() => pass([0, 1, 2, 3.5])).toThrow('the target of sample 3 is 3.5')
  })

  test('targetDtype counts for a resumed epoch as well', () => {
    const loader = new DataLoader(withTargets([1, 2]), float32)
    const state = { order: Int32Array.of(0, 1), position: 1, exhausted: false, targetDtype: 'int32' } as const
    expect([...loader.batches(loader.resume(state))].map(([, y]) => y.dtype)).toEqual(['float32'])
  })
})

describe('tensors', () => {
  test.each<DType>(['float32', 'float64', 'int32', 'int64', 'uint8'])('of %s are stacked', (dtype) => {
    const values = [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ].map((row) => tensor(row, [1, 3], { dtype }))
    const data = allocate(dtype, 6)
    for (let i = 0; i < 6; i++) data[i] = dtype === 'int64' ? BigInt(i + 1) : i + 1
    const dataset: Dataset<Tensor<DType>> = { length: 3, get: (i) => [tensor([i]), values[i]] }
    const batches = [...new DataLoader<DType>(dataset, { batchSize: 2 })]
    expect(batches.map(([, y]) => y.shape)).toEqual([
      [2, 1, 3],
      [1, 1, 3],
    ])
    expect(batches[0][1]).toEqual(new Tensor<DType>(data, [2, 1, 3]))
    expect([...batches[1][1].data].map(Number)).toEqual([7, 8, 9])
  })

  test('of int64 go on in a resumed epoch', () => {
    const dataset: Dataset<Tensor<'int64'>> = {
      length: 2,
      get: (i) => [tensor([i]), tensor(BigInt64Array.of(BigInt(i)))],
    }
    const loader = new DataLoader(dataset)
    const epoch = loader.start()
    epoch.next()
    loader.take(epoch)
    const state = epoch.state()
    expect(state.targetDtype).toBe(null)
    const again = new DataLoader(dataset)
    const rest = [...again.batches(again.resume(state))]
    expect(rest.map(([, y]) => y)).toEqual([tensor(BigInt64Array.of(1n), [1, 1])])
  })

  test('of no axes become [N]', () => {
    const dataset = withTargets([tensor(0.5), tensor(3)])
    expect(targetsOf(dataset, 2)).toEqual([['float32', [2], [0.5, 3]]])
  })

  test('targetDtype makes them float32, int64 too', () => {
    const dataset = withTargets([tensor(BigInt64Array.of(1n, 2n)), tensor(BigInt64Array.of(3n, 4n))])
    expect(targetsOf(dataset, 2, float32)).toEqual([['float32', [2, 2], [1, 2, 3, 4]]])
    const mixed = withTargets([tensor(Uint8Array.of(0, 1)), tensor(Float64Array.of(0.25, 0.75))])
    expect(targetsOf(mixed, 2, float32)).toEqual([['float32', [2, 2], [0, 1, 0.25, 0.75]]])
  })
})

describe('what does not go together is refused with its index', () => {
  const one = tensor([1])
  const number = 'expected a number or a tensor'
  test.each<[unknown[], string]>([
    [[1, 2, Number.NaN], 'sample 2 is NaN, expected a whole number as in the other samples'],
    [[Number.NaN, 1], 'sample 0 is NaN, expected a whole number'],
    [[1, Infinity], 'sample 1 is Infinity, expected a whole number'],
    [[1, 2 ** 31], 'sample 1 is 2147483648, which int32 cannot hold (−2147483648 to 2147483647)'],
    [[-(2 ** 31) - 1], 'sample 0 is -2147483649, which int32 cannot hold'],
    [[2 ** 40 + 3], 'sample 0 is 1099511627779, which int32 cannot hold'],
    [[1, true], `sample 1 is true, ${number}`],
    [['3'], `sample 0 is '3', ${number}`],
    [[1, null], `sample 1 is null, ${number}`],
    [[undefined], `sample 0 is undefined, ${number}`],
    [[5n], `sample 0 is 5n, ${number}`],
    [[1, [0, 1]], `sample 1 is an array, ${number}`],
    [[Promise.resolve(1)], `sample 0 is a promise, ${number}`],
    [[1, one], 'sample 1 is a tensor, float32 [1], expected a number as in the other samples'],
    [[one, 1], 'sample 1 is 1, expected float32 [1] as in the other samples'],
    [
      [one, tensor([[1]])],
      'sample 1 is a tensor, float32 [1,1], expected float32 [1] as in the other samples',
    ],
    [[one, tensor(Int32Array.of(1))], 'sample 1 is a tensor, int32 [1], expected float32 [1]'],
    [[0.5, 1, '2'], `sample 2 is '2', ${number}`],
  ])('%#: %s', (targets, message) => {
    for (const batchSize of [1, targets.length]) {
      expect(() => targetsOf(withTargets(targets), batchSize)).toThrow(`DataLoader: the target of ${message}`)
    }
  })

  test('with targetDtype too', () => {
    const refused =
      (...targets: unknown[]) =>
      () =>
        targetsOf(withTargets(targets), 3, float32)
    expect(refused(1, true)).toThrow('sample 1 is true')
    expect(refused(one, tensor([1, 2]))).toThrow('sample 1 is a tensor, float32 [2], expected [1] as in')
    expect(refused(one, 2)).toThrow('sample 1 is 2, expected [1] as in')
  })

  test('its index is that of the dataset, whatever the order', () => {
    const data = new Subset(withTargets([0, 0, 0, 0.5, 0]), [4, 2, 3])
    expect(() => targetsOf(data, 1)).toThrow('the target of sample 2 is 0.5')
  })

  test('a refused batch leaves the loader as it was', () => {
    const targets: unknown[] = [1, true]
    const loader = new DataLoader(withTargets(targets), { batchSize: 2 })
    expect(() => [...loader]).toThrow('sample 1 is true')
    targets[1] = 0.5
    expect([...loader].map(([, y]) => y.dtype)).toEqual(['float32'])
  })
})

describe('a dataset with gather', () => {
  const x = tensor([[1], [2], [3]])
  const wide = (...y: bigint[]) => new TensorDataset(x, tensor(BigInt64Array.from(y)))

  test('gives int32, and float32 with targetDtype', () => {
    const data = new TensorDataset(x, tensor(Uint8Array.of(7, 8, 255)))
    expect(targetsOf(data, 2)).toEqual([
      ['int32', [2], [7, 8]],
      ['int32', [1], [255]],
    ])
    expect(targetsOf(data, 3, float32)).toEqual([['float32', [3], [7, 8, 255]]])
    expect(targetsOf(new Subset(data, [2, 0]), 2, float32)).toEqual([['float32', [2], [255, 7]]])
  })

  test('int64 beyond int32 is refused, not cut', () => {
    const message =
      'TensorDataset: the target of sample 1 is 1099511627779, which int32 cannot hold (−2147483648 to 2147483647)'
    expect(() => targetsOf(wide(0n, 2n ** 40n + 3n, 0n), 3)).toThrow(new RangeError(`${message}; ${advice}`))
    expect(targetsOf(wide(2n ** 31n - 1n, -(2n ** 31n), 0n), 3)).toEqual([
      ['int32', [3], [2 ** 31 - 1, -(2 ** 31), 0]],
    ])
    expect(targetsOf(wide(2n ** 31n, 1n, 0n), 3, float32)).toEqual([['float32', [3], [2 ** 31, 1, 0]]])
  })

  test('of its own that says no shape: a fraction from get is refused', () => {
    const data: Dataset = {
      length: 2,
      get: (i) => [tensor([i]), 0.5],
      gather: (_order, _from, _to, _x, y) => void y.fill(0),
    }
    expect(() => targetsOf(data, 1)).toThrow(
      `DataLoader: the target of sample 0 is 0.5, and so far this loader's targets are int32; ${advice}`,
    )
  })
})

describe('tensors in a TensorDataset', () => {
  const x = zeros([2, 3])
  test('floats [N] and anything [N,…] stay what they are', () => {
    const floats = new TensorDataset<Tensor<'float32'>>(x, tensor([0.25, 1]))
    expect(targetsOf(floats, 2)).toEqual([['float32', [2], [0.25, 1]]])
    const oneHot = tensor([
      [0, 1],
      [1, 0],
    ])
    expect(targetsOf(new TensorDataset<Tensor<'float32'>>(x, oneHot), 2)).toEqual([
      ['float32', [2, 2], [0, 1, 1, 0]],
    ])
    const classes = tensor(Int32Array.of(1, 2, 3, 4), [2, 1, 2])
    const maps = new TensorDataset<Tensor<'int32'>>(x, classes)
    expect(targetsOf(new Subset(maps, [1, 0]), 2)).toEqual([['int32', [2, 1, 2], [3, 4, 1, 2]]])
    maps.get(0)[1].data.fill(9)
    expect([...classes.data]).toEqual([1, 2, 3, 4])
  })
})
