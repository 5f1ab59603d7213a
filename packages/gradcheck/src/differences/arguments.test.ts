import { Tensor, tensor, zeros } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { Affine, bell, relu, softmaxLoss } from '../test/layers.ts'
import { gradcheck } from './gradcheck.ts'

const x = (): Tensor => bell([2, 4])

describe('refusals', () => {
  it.each([
    [undefined, 'undefined'],
    [{ forward: (t: Tensor) => t }, 'an object'],
    [{ bwd: () => {} }, 'an object'],
    [Affine, 'the function Affine'],
  ])('of what is no layer: %s', (layer, what) => {
    expect(() => gradcheck(layer as never, x())).toThrow(
      new TypeError(`gradcheck: the layer is ${what}, expected an object with forward() and bwd()`),
    )
  })

  const single = tensor([1, 2, 3, 4], [1, 4])
  it.each<[string, () => unknown, Error]>([
    [
      'a float32 input',
      () => gradcheck(new Affine(), single),
      new TypeError("gradcheck: input 0 is float32; differences need float64 (dtype: 'float64')"),
    ],
    [
      'a float32 input beside the first',
      () => gradcheck(softmaxLoss(), [bell([4]), single]),
      new TypeError("gradcheck: input 1 is float32; differences need float64 (dtype: 'float64')"),
    ],
    [
      'a float32 parameter',
      () => gradcheck(new Affine(bell([3, 4]), zeros([3])), x()),
      new TypeError("gradcheck: bias is float32; differences need float64 (dtype: 'float64')"),
    ],
    [
      'whole numbers',
      () => gradcheck(relu(), zeros([3], { dtype: 'int32' }) as never),
      new TypeError('gradcheck: the first input must be float64'),
    ],
    ['no input', () => gradcheck(relu(), []), new TypeError('gradcheck: the first input must be float64')],
    [
      'an array',
      () => gradcheck(relu(), [[1, 2]] as never),
      new TypeError('gradcheck: input 0 is an array, expected a Tensor; make one with tensor(values, shape)'),
    ],
    [
      'an output in float32',
      () => gradcheck({ forward: () => zeros([3]), bwd() {} }, x()),
      new TypeError('gradcheck: forward() gave float32; differences need float64 all the way'),
    ],
    [
      'an output that is none',
      () => gradcheck({ forward: () => undefined as never, bwd() {} }, x()),
      new TypeError('gradcheck: forward() gave undefined, expected a Tensor'),
    ],
    [
      'an upstream gradient of another shape',
      () => gradcheck(new Affine(), x(), { upstream: bell([3, 2]) }),
      new RangeError('gradcheck: upstream has shape [3,2], expected that of the output, [2,3]'),
    ],
    [
      'two parameters of one name',
      () => {
        const layer = new Affine()
        layer.namedParameters = () => [
          ['w', layer.w],
          ['w', layer.b],
        ]
        gradcheck(layer, x())
      },
      new TypeError("gradcheck: two tensors are called 'w' ('x' is the first input); rename one"),
    ],
    [
      'a parameter with the name of the input',
      () => {
        const layer = new Affine()
        layer.namedParameters = () => [['x', layer.w]]
        gradcheck(layer, x())
      },
      new TypeError("gradcheck: two tensors are called 'x' ('x' is the first input); rename one"),
    ],
    [
      'ε = 0',
      () => gradcheck(relu(), x(), { eps: 0 }),
      new RangeError('gradcheck: eps is 0, expected a number above 0'),
    ],
    [
      'ε = −1',
      () => gradcheck(relu(), x(), { eps: -1 }),
      new RangeError('gradcheck: eps is -1, expected a number above 0'),
    ],
    [
      'an infinite ε',
      () => gradcheck(relu(), x(), { eps: Infinity }),
      new RangeError('gradcheck: eps is Infinity, expected a number above 0'),
    ],
    [
      'atol NaN',
      () => gradcheck(relu(), x(), { atol: Number.NaN }),
      new RangeError('gradcheck: atol is NaN, expected a number of at least 0'),
    ],
    [
      'rtol −1',
      () => gradcheck(relu(), x(), { rtol: -1 }),
      new RangeError('gradcheck: rtol is -1, expected a number of at least 0'),
    ],
    [
      'maxSkipped NaN',
      () => gradcheck(relu(), x(), { maxSkipped: Number.NaN }),
      new RangeError('gradcheck: maxSkipped is NaN, expected a number of at least 0'),
    ],
    [
      'an option that there is not',
      () => gradcheck(relu(), x(), { epsilon: 1e-3 } as object),
      new TypeError(
        'gradcheck: there is no option epsilon, did you mean eps? (options: eps, atol, rtol, upstream, seed, maxSkipped)',
      ),
    ],
    [
      'a number for options',
      () => gradcheck(relu(), x(), 5 as never),
      new TypeError('gradcheck: argument 3 is 5, expected an object of options, as { eps: 5 }'),
    ],
    [
      'null for options',
      () => gradcheck(relu(), x(), null as never),
      new TypeError('gradcheck: argument 3 is null, expected an object of options, as { eps: null }'),
    ],
    [
      'an upstream gradient that is a list',
      () => gradcheck(relu(), x(), { upstream: [1] as never }),
      new TypeError(
        'gradcheck: upstream is an array, expected a Tensor; make one with tensor(values, shape)',
      ),
    ],
  ])('%s', (_, run, error) => {
    expect(run).toThrow(error)
  })
})
