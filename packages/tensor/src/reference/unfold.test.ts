import { expect, test } from 'vitest'
import cases from '../../../../fixtures/tensor/cases.json' with { type: 'json' }
import { golden } from '../../test/golden.ts'
import {
  fold,
  matmul,
  resolveWindow,
  type Tensor,
  tensor,
  unfold,
  type WindowOptions,
  zeros,
} from '../index.ts'

function windowOf({ extents, ...options }: { extents: number[] }) {
  return resolveWindow(extents[0], extents[1], options as unknown as WindowOptions)
}

const double = (x: Tensor<'float32'>) => tensor(Float64Array.from(x.data), x.shape)

test.each(cases.unfold.map((each, i) => [i, each] as const))(
  'unfold and fold as torch, case %i',
  (i, options) => {
    const win = windowOf(options)
    const [x, columns] = [golden(`unfold/${i}/x`), golden(`unfold/${i}/columns`)]
    const [upstream, folded] = [golden(`unfold/${i}/upstream`), golden(`unfold/${i}/folded`)]
    expect(unfold(x, win)).toEqual(columns)
    expect(unfold(double(x), win)).toEqual(double(columns))
    expect(fold(upstream, win)).toEqual(folded)
    expect(fold(double(upstream), win)).toEqual(double(folded))
  },
)

test.each(cases.same.map((each, i) => [i, each] as const))(
  "padding 'same' as torch, case %i",
  (i, options) => {
    const [x, weight, y] = [golden(`same/${i}/x`), golden(`same/${i}/weight`), golden(`same/${i}/y`)]
    const product = matmul(weight.reshape([4, -1]), unfold(x, windowOf(options)))
    expect(product.reshape(y.shape)).toEqual(y)
  },
)

test('the padding is filled with what is asked for, and nothing else is', () => {
  const win = resolveWindow(2, 2, { kernelSize: 2, padding: [0, 1] })
  const X = unfold(tensor([[[[1, 2], [3, 4]]]]), win, -Infinity) // biome-ignore format: an image
  expect(X.toArray()).toEqual([
    [
      [-Infinity, 1, 2],
      [1, 2, -Infinity],
      [-Infinity, 3, 4],
      [3, 4, -Infinity],
    ],
  ])
})

test.each([0, 1])(
  'padding along one axis is filled where no window reaches the other end (axis %i)',
  (axis) => {
    const along = <T>(value: T, other: T): [T, T] => (axis === 0 ? [value, other] : [other, value])
    const options = { kernelSize: along(2, 1), stride: along(3, 1), padding: along(1, 0) }
    const win = resolveWindow(...along(5, 1), options)
    const X = unfold(tensor([1, 2, 3, 4, 5]).reshape([1, 1, ...along(5, 1)]), win, -Infinity)
    expect(X.toArray()).toEqual([
      [
        [-Infinity, 3],
        [1, 4],
      ],
    ])
  },
)

test('fold sums in double and rounds once', () => {
  const win = resolveWindow(1, 3, { kernelSize: [1, 3], padding: [0, 1] })
  // Cell 1 of the image is read by all three windows.
  const X = zeros([1, 3, 3])
  X.data.set([0, 0, 1e8, 0, 1, 0, -1e8, 0, 0])
  expect(fold(X, win).toArray()).toEqual([[[[0, 1, 0]]]])
})

test('a batch of 0', () => {
  const win = resolveWindow(4, 4, { kernelSize: 2 })
  expect(unfold(zeros([0, 3, 4, 4]), win).shape).toEqual([0, 12, 9])
  expect(fold(zeros([0, 12, 9]), win).shape).toEqual([0, 3, 4, 4])
})

test.each([
  [3, 2, [2, 1], [[1, 2, 5, 6], [3, 4, -Infinity, -Infinity]]],
  [2, 3, [1, 2], [[1, 3, 4, 6], [2, -Infinity, 5, -Infinity]]],
] as [number, number, [number, number], number[][]][])(
  'a last window that sticks out of %i × %i by one cell reads padding there',
  (H, W, kernelSize, expected) => {
    const win = resolveWindow(H, W, { kernelSize, stride: kernelSize, ceilMode: true })
    const x = tensor([1, 2, 3, 4, 5, 6], [1, 1, H, W])
    expect(unfold(x, win, -Infinity).toArray()).toEqual([expected])
  },
) // biome-ignore format: matrices
