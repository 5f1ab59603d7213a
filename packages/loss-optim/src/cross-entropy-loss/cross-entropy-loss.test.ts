import { backends, ones, type Tensor, tensor, useBackend, zeros } from '@handgrad/tensor'
import { describe, expect, test } from 'vitest'
import { CrossEntropyLoss, type CrossEntropyLossOptions } from '../index.ts'

const classes = (...values: number[]) => tensor(Int32Array.from(values))
const { log } = Math

/** Two samples of two classes: softmax ½, ½ and ¼, ¾. */
const logits = (): Tensor => tensor([[0, 0], [0, log(3)]], [2, 2], { dtype: 'float64' }) as Tensor // biome-ignore format: a matrix

function lossAndGradient(
  options: CrossEntropyLossOptions,
  target: Tensor | Tensor<'int32'>,
): [number[], number[]] {
  const x = logits()
  const criterion = new CrossEntropyLoss(options)
  const loss = criterion.forward(x, target)
  if (loss.shape.length > 0) loss.g = tensor([2, 4], [2], { dtype: 'float64' }) as Tensor
  criterion.bwd()
  return [[...loss.data], [...x.g!.data]]
}

const weights = (...values: number[]): Tensor => tensor(values, [2], { dtype: 'float64' }) as Tensor

describe('worked out by hand', () => {
  const weight = tensor([2, 4], [2], { dtype: 'float64' }) as Tensor
  const probabilities = tensor([[0.5, 0.5], [1, 0]], [2, 2], { dtype: 'float64' }) as Tensor // biome-ignore format: a matrix
  // The losses of the samples' classes 0 and 1 are log 2 and log(4/3); of the others log 2 and log 4.
  const cases: [string, CrossEntropyLossOptions, Tensor | Tensor<'int32'>, number[], number[]][] = [
    ['mean', {}, classes(0, 1), [(log(2) + log(4 / 3)) / 2], [-1 / 4, 1 / 4, 1 / 8, -1 / 8]],
    ['sum', { reduction: 'sum' }, classes(0, 1), [log(2) + log(4 / 3)], [-1 / 2, 1 / 2, 1 / 4, -1 / 4]],
    ['none, upstream 2 and 4', { reduction: 'none' }, classes(0, 1), [log(2), log(4 / 3)], [-1, 1, 1, -1]],
    ['one ignored', { ignoreIndex: 1 }, classes(0, 1), [log(2)], [-1 / 2, 1 / 2, 0, 0]],
    ['−100 is ignored', {}, classes(-100, 1), [log(4 / 3)], [0, 0, 1 / 4, -1 / 4]],
    ['weights 2 and 4: the mean is over 6', { weight }, classes(0, 1), [(2 * log(2) + 4 * log(4 / 3)) / 6], [-1 / 6, 1 / 6, 1 / 6, -1 / 6]],
    // q = 0.75, 0.25 and 0.25, 0.75
    ['smoothing a half', { labelSmoothing: 0.5, reduction: 'sum' }, classes(0, 1), [log(2) + log(4) / 4 + (3 * log(4 / 3)) / 4], [-1 / 4, 1 / 4, 0, 0]],
    ['probabilities', {}, probabilities, [(log(2) + log(4)) / 2], [0, 0, -3 / 8, 3 / 8]],
    // q = 1, 2 and 2, 0; Σq = 3 and 2; the mean is over 2 samples
    ['probabilities with weights', { weight }, probabilities, [(3 * log(2) + 2 * log(4)) / 2], [1 / 4, -1 / 4, -3 / 4, 3 / 4]],
    ['a weight of 0 counts nothing, of probabilities too', { weight: weights(0, 2) }, probabilities, [log(2) / 2], [1 / 4, -1 / 4, 0, 0]],
    ['an infinite weight of a class that is no target', { weight: weights(3, Infinity) }, classes(0, 0), [(log(2) + log(4)) / 2], [-1 / 4, 1 / 4, -3 / 8, 3 / 8]],
  ] // biome-ignore format: one line a case

  test.each(cases)('%s', (_name, options, target, loss, gradient) => {
    const came = lossAndGradient(options, target)
    expect(came).toEqual([loss, gradient].map((list) => list.map((value) => expect.closeTo(value, 14))))
  })
})

test('weights that come to 0 have no mean, and no gradient', () => {
  for (const weight of [weights(0, 0), weights(2, -2)]) {
    const none = [[Number.NaN], Array.from({ length: 4 }, () => Number.NaN)]
    expect(lossAndGradient({ weight }, classes(0, 1))).toEqual(none)
    expect(lossAndGradient({ weight, labelSmoothing: 0.5 }, classes(0, 1))).toEqual(none)
  }
})

test.each(backends())('on %s a batch without samples has no mean, and the sum 0', (backend) => {
  useBackend(backend)
  const empty = (reduction: 'mean' | 'sum'): number =>
    new CrossEntropyLoss({ reduction }).forward(zeros([0, 3]), classes()).item()
  expect([empty('mean'), empty('sum')]).toEqual([Number.NaN, 0])
  useBackend('reference')
})

test('what is ignored is a class index: 0 too is refused beside probabilities', () => {
  const likely: Tensor = ones([1, 2])
  for (const ignoreIndex of [0, 1])
    expect(() => new CrossEntropyLoss({ ignoreIndex }).forward(zeros([1, 2]), likely)).toThrow(
      'ignoreIndex needs class indices as target, got probabilities',
    )
  expect(new CrossEntropyLoss({ ignoreIndex: -1 }).forward(zeros([1, 2]), likely).item()).toBeCloseTo(
    2 * log(2),
  )
})

test('the defaults are torch’s', () => {
  const { weight, ignoreIndex, reduction, labelSmoothing } = new CrossEntropyLoss()
  expect([weight, ignoreIndex, reduction, labelSmoothing]).toEqual([null, -100, 'mean', 0])
})

describe('a pass', () => {
  test('is that of the last forward, with its logits as they were then', () => {
    const criterion = new CrossEntropyLoss({ reduction: 'sum' })
    const [first, second] = [logits(), logits()]
    const target = classes(0, 1)
    criterion.forward(first, classes(1, 1))
    criterion.forward(second, target)
    target.data.fill(1)
    second.data.fill(5)
    criterion.bwd()
    expect(first.g).toBe(null)
    expect([...second.g!.data]).toEqual([-0.5, 0.5, 0.25, -0.25].map((value) => expect.closeTo(value, 14)))
  })

  test('a forward that is refused leaves the one before', () => {
    const criterion = new CrossEntropyLoss()
    const x = logits()
    criterion.forward(x, classes(0, 1))
    expect(() => criterion.forward(logits(), classes(0, 2))).toThrow(
      'target 2 is not a class, expected 0 to 1',
    )
    expect(() => criterion.forward(logits(), classes(0))).toThrow('int32 target has shape [1], expected [2]')
    criterion.bwd()
    expect(x.g!.data[0]).toBeCloseTo(-0.25, 14)
  })

  test('bwd writes the gradient anew, a fresh tensor each time, times the loss’s own', () => {
    const criterion = new CrossEntropyLoss()
    const x = logits()
    const loss = criterion.forward(x, classes(0, 1))
    criterion.bwd()
    const once = x.g!
    criterion.bwd()
    expect(x.g).not.toBe(once)
    expect(x.g).toEqual(once)
    loss.g = tensor(-2, [], { dtype: 'float64' }) as Tensor
    criterion.bwd()
    expect([...x.g!.data]).toEqual([...once.data].map((value) => -2 * value))
    expect([x.g!.shape, x.g!.dtype]).toEqual([[2, 2], 'float64'])
  })

  test('what bwd refuses leaves the logits’ gradient alone', () => {
    const criterion = new CrossEntropyLoss({ reduction: 'none' })
    expect(() => criterion.bwd()).toThrow('CrossEntropyLoss.bwd(): call forward first')
    const x = logits()
    const loss = criterion.forward(x, classes(0, 1))
    expect(() => criterion.bwd()).toThrow("with reduction 'none' set the losses' .g first")
    loss.g = ones([2, 1], { dtype: 'float64' }) as Tensor
    expect(() => criterion.bwd()).toThrow("the loss's .g is float64 [2,1], expected float64 [2]")
    loss.g = ones([2])
    expect(() => criterion.bwd()).toThrow("the loss's .g is float32 [2], expected float64 [2]")
    expect(x.g).toBe(null)
  })
})

describe('what is refused, by name', () => {
  const make =
    (options: unknown, ...more: unknown[]) =>
    () =>
      new (CrossEntropyLoss as new (...args: unknown[]) => CrossEntropyLoss)(options, ...more)

  test.each([
    [{ label_smoothing: 0.1 }, 'there is no option label_smoothing, did you mean labelSmoothing?'],
    [{ ignore_index: 1 }, 'there is no option ignore_index, did you mean ignoreIndex?'],
    [
      { size_average: true },
      'there is no option size_average (options: weight, ignoreIndex, reduction, labelSmoothing)',
    ],
    ['sum', "argument 1 is 'sum', expected an object of options"],
    [ones([3]), 'argument 1 is a Tensor, expected an object of options, as { weight: … }'],
    [null, 'argument 1 is null, expected an object of options'],
    [{ reduction: 'toString' }, "reduction is 'toString', expected 'mean', 'sum' or 'none'"],
    [{ reduction: null }, 'reduction is null'],
    [{ labelSmoothing: NaN }, 'labelSmoothing is NaN, expected 0 to 1'],
    [{ labelSmoothing: '0.1' }, "labelSmoothing is '0.1', expected 0 to 1"],
    [{ ignoreIndex: 0.5 }, 'ignoreIndex is 0.5, expected a whole number'],
    [{ ignoreIndex: null }, 'ignoreIndex is null'],
    [{ weight: [1, 2] }, 'weight is an array, expected a Tensor; make one with tensor(values, shape)'],
    [{ weight: ones([2], { dtype: 'int32' }) }, 'weight is int32 [2], expected a float tensor [C]'],
  ])('%o', (options, message) => {
    expect(make(options)).toThrow(`CrossEntropyLoss: ${message}`)
  })

  test('0 and 1 are both smoothings', () => {
    expect([
      make({ labelSmoothing: 0 })().labelSmoothing,
      make({ labelSmoothing: 1 })().labelSmoothing,
    ]).toEqual([0, 1])
  })

  test('inputs that are no tensors, or of other dtypes', () => {
    const criterion = new CrossEntropyLoss()
    const forward = (x: unknown, y: unknown) => () => criterion.forward(x as Tensor, y as Tensor)
    expect(forward([[1, 2]], classes(0))).toThrow('CrossEntropyLoss: logits is an array, expected a Tensor')
    expect(forward(undefined, classes(0))).toThrow('CrossEntropyLoss: logits is undefined, expected a Tensor')
    expect(forward(zeros([1, 2]), [0])).toThrow('CrossEntropyLoss: target is an array, expected a Tensor')
    expect(forward(zeros([1, 2]), Int32Array.of(0))).toThrow('target is an Int32Array, expected a Tensor')
    expect(forward(zeros([]), classes(0))).toThrow('logits must be a float tensor [C], [N,C] or [N,C,d…]')
    const weighted = new CrossEntropyLoss({ weight: ones([2]) })
    expect(() => weighted.forward(logits(), classes(0, 1))).toThrow(
      'weight is float32 [2], expected float64 [2]',
    )
    expect(() => weighted.forward(zeros([1, 3]), classes(0))).toThrow(
      'weight is float32 [2], expected float32 [3]',
    )
  })
})
