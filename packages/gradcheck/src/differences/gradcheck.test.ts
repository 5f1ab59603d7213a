import { defaultGenerator, full, Tensor, tensor, zeros } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import type { Checkable } from '../spec.ts'
import { Affine, bell, broken, double, elementwise, largest, relu, softmaxLoss } from '../test/layers.ts'
import { gradcheck } from './gradcheck.ts'

const x = (): Tensor => bell([2, 4])
const rowOf = ({ tensors }: ReturnType<typeof gradcheck>, name: string) =>
  tensors.find((row) => row.name === name)

describe('a right layer', () => {
  it('passes in every coordinate of its input and its parameters', () => {
    const report = gradcheck(new Affine(), x())
    expect(report).toMatchObject({
      passed: true,
      problems: [],
      coordinates: 8 + 12 + 3,
      skipped: 0,
      failed: 0,
    })
    expect(report.tensors.map(({ name, shape, coordinates }) => [name, shape, coordinates])).toEqual([
      ['x', [2, 4], 8],
      ['weight', [3, 4], 12],
      ['bias', [3], 3],
    ])
  })

  it('has the numbers of both ways beside each other: y = x², dy = 3', () => {
    const square = elementwise(
      (t) => t * t,
      (t) => 2 * t,
    )
    const { tensors } = gradcheck(square, double([2]), { upstream: double([3]) })
    expect(tensors[0].worst).toMatchObject({ index: [0], analytic: 12 })
    expect(tensors[0].worst!.numeric).toBeCloseTo(12, 8)
  })

  it('is left as it was: values, gradients and generator', () => {
    const layer = new Affine()
    const input = x()
    const before = [input, layer.w, layer.b].map((t) => t.clone())
    const [inputGradient, gradient] = [
      full([2, 4], 1, { dtype: 'float64' }),
      full([3], 5, { dtype: 'float64' }),
    ]
    input.g = inputGradient
    layer.b.g = gradient
    const state = defaultGenerator.getState()
    const forward = layer.forward.bind(layer)
    layer.forward = (t) => {
      defaultGenerator.random53()
      return forward(t)
    }
    gradcheck(layer, input)
    expect([input, layer.w, layer.b].map(({ data }) => data)).toEqual(before.map(({ data }) => data))
    expect([input.g, layer.b.g, layer.w.g]).toEqual([inputGradient, gradient, null])
    expect(defaultGenerator.getState()).toEqual(state)
  })

  it('may draw: every pass draws the same', () => {
    expect(gradcheck(dropoutLike(), x()).passed).toBe(true)
  })
})

/** Half of the elements, drawn anew in each pass. */
function dropoutLike(): Checkable {
  let pass: { input: Tensor; y: Tensor; mask: Float64Array }
  return {
    forward(t) {
      const input = t as Tensor
      const mask = Float64Array.from(input.data, () => 2 * Math.round(defaultGenerator.random53()))
      pass = {
        input,
        mask,
        y: new Tensor(
          input.data.map((value, i) => value * mask[i]),
          input.shape,
        ),
      }
      return pass.y
    },
    bwd() {
      const { input, mask, y } = pass
      input.g = new Tensor(
        mask.map((value, i) => value * y.g!.data[i]),
        input.shape,
      )
    },
  }
}

describe('a layer whose output is a view of its input', () => {
  /** Only the shape is another; the gradient is that of the output times `factor`. */
  const reshaped = (factor: number): Checkable => {
    let [from, y] = [x(), x()]
    return {
      forward(input) {
        from = input as Tensor
        y = from.reshape([8])
        return y
      },
      bwd() {
        from.g = new Tensor(
          y.g!.data.map((value) => factor * value),
          from.shape,
        )
      },
    }
  }

  it('is right where it is right, and wrong where it is wrong', () => {
    expect(gradcheck(reshaped(1), x())).toMatchObject({ passed: true, failed: 0, coordinates: 8 })
    expect(gradcheck(reshaped(1.01), x())).toMatchObject({ passed: false, failed: 8 })
  })
})

describe('a wrong gradient', () => {
  it.each([
    ['x', 'dx', [1, 2], 6],
    ['weight', 'dweight', [2, 1], 9],
    ['bias', 'dbias', [2], 2],
  ] as const)('of %s is found and located, in the last coordinates too', (name, title, index, flat) => {
    const layer = broken(new Affine(), ({ w, b, x: input }, right) => {
      right()
      const t = { x: input!, weight: w, bias: b }[name]
      t.g!.data[flat] += 0.5
    })
    const { passed, failed, problems } = gradcheck(layer, x())
    expect({ passed, failed }).toEqual({ passed: false, failed: 1 })
    expect(problems).toHaveLength(1)
    const at = `${title}: 1 of \\d+ coordinates are wrong, worst at \\[${index.join(',')}\\]: bwd\\(\\) gives`
    expect(problems[0]).toMatch(new RegExp(`^${at} -?[\\d.]+, differences give -?[\\d.]+$`))
  })

  it('that is off by 1 % in one coordinate fails; by a hundredth of that it does not', () => {
    const off = (share: number): Checkable =>
      broken(new Affine(), ({ w }, right) => {
        right()
        w.g!.data[5] *= 1 + share
      })
    expect(gradcheck(off(0.01), x()).problems[0]).toMatch(
      /^dweight: 1 of 12 coordinates are wrong, worst at \[1,1\]/,
    )
    expect(gradcheck(off(-0.01), x()).failed).toBe(1)
    expect(gradcheck(off(1e-4), x()).passed).toBe(true)
  })

  it('is named, and not a right one whose numbers are larger and a little further apart', () => {
    const layer = elementwise(
      (t) => t * t,
      // Right to 0.5 of 1000 in the first two; off by 0.1 in the third.
      (t) => (t === 3 ? 6.1 : 2 * t * (1 + 5e-4)),
    )
    const input = double([500, 600, 3, 700])
    const { tensors, problems } = gradcheck(layer, input, { upstream: full([4], 1, { dtype: 'float64' }) })
    expect(tensors[0]).toMatchObject({ failed: 1, worst: { index: [2], analytic: 6.1 } })
    expect(problems[0]).toContain('worst at [2]')
  })

  it('of the wrong ones the furthest is named', () => {
    const layer = broken(new Affine(), ({ w }, right) => {
      right()
      w.g!.data[1] += 0.5
      w.g!.data[7] -= 3
      w.g!.data[9] += 1
    })
    const report = gradcheck(layer, x())
    expect(rowOf(report, 'weight')).toMatchObject({ failed: 3, worst: { index: [1, 3] } })
  })

  it('that is NaN is named, wherever it is', () => {
    for (const at of [0, 3, 7]) {
      const layer = broken(new Affine(), ({ x: input }, right) => {
        right()
        input!.g!.data[at] = Number.NaN
      })
      const report = gradcheck(layer, x())
      expect(rowOf(report, 'x')).toMatchObject({
        failed: 1,
        worst: { index: [Math.floor(at / 4), at % 4], analytic: Number.NaN },
      })
      expect(report.problems[0]).toMatch(/bwd\(\) gives NaN, differences give -?\d/)
    }
  })

  it('is not excused by a function that is NaN or infinite beside x', () => {
    const root = elementwise(Math.sqrt, (t) => 0.5 / Math.sqrt(t))
    const report = gradcheck(root, double([1, 0, 4]))
    expect(report).toMatchObject({ passed: false, failed: 1, skipped: 0 })
    expect(rowOf(report, 'x')!.worst!.index).toEqual([1])
  })

  it('is not excused by a kink beyond the change of slope there', () => {
    const wrongAtZero = (slope: number): Checkable =>
      elementwise(
        (t) => Math.max(t, 0),
        (t) => (t === 0 ? slope : Number(t > 0)),
      )
    const check = (slope: number) =>
      gradcheck(wrongAtZero(slope), double([-1, 0, 2, 3]), { upstream: double([1, 2, 1, 1]) })
    expect(check(0)).toMatchObject({ passed: true, skipped: 1, failed: 0 })
    expect(check(1)).toMatchObject({ passed: true, skipped: 1, failed: 0 })
    // What central differences give there is no evidence either.
    expect(check(0.5)).toMatchObject({ passed: true, skipped: 1, failed: 0 })
    expect(check(4)).toMatchObject({ passed: false, skipped: 0, failed: 1 })
    expect(check(-3)).toMatchObject({ passed: false, skipped: 0, failed: 1 })
  })

  it('is counted among those that were looked at: a kink is not', () => {
    const layer = elementwise(
      (t) => Math.max(t, 0),
      (t) => (t === 3 ? 7 : Number(t > 0)),
    )
    const { skipped, problems } = gradcheck(layer, double([-1, 0, 2, 3]), { upstream: double([1, 1, 1, 1]) })
    expect(skipped).toBe(1)
    expect(problems).toEqual([
      expect.stringMatching(/^dx: 1 of 3 coordinates are wrong, worst at \[3\]: bwd\(\) gives 7, /),
    ])
  })

  it('may be off by a thousandth of what differences give, not of itself', () => {
    const check = (slope: number): boolean =>
      gradcheck(
        elementwise(
          (t) => 1000 * t,
          () => slope,
        ),
        double([0.5]),
        { upstream: double([1]) },
      ).passed
    expect([999, 1001].map(check)).toEqual([true, true])
    expect([998.9995, 1001.0005].map(check)).toEqual([false, false])
  })

  it('is named before a right one that bends, is larger and further off', () => {
    const layer = elementwise(
      (t) => (t < 10 ? t : 5 * t * t),
      (t) => (t < 10 ? 1.1 : 10 * t + 0.5),
    )
    const report = gradcheck(layer, double([1, 100]), { upstream: double([1, 1]), eps: 0.2 })
    expect(report).toMatchObject({ failed: 1, skipped: 0 })
    expect(rowOf(report, 'x')!.worst!.index).toEqual([0])
  })

  it('of those that are equally far off the first is named', () => {
    const twice = elementwise(
      (t) => t,
      () => 2,
    )
    const { tensors } = gradcheck(twice, double([1, 1, 1]), { upstream: double([1, 1, 1]) })
    expect(tensors[0]).toMatchObject({ failed: 3, worst: { index: [0] } })
  })

  it('is looked at as bwd() left it, whatever later passes write there', () => {
    const layer = new Affine()
    const right = layer.forward.bind(layer)
    layer.forward = (input) => {
      layer.w.g?.data.fill(0)
      return right(input)
    }
    expect(gradcheck(layer, x()).passed).toBe(true)
  })

  it('of a single coordinate that is a kink is no evidence', () => {
    const { problems } = gradcheck(relu(), double([0]), { upstream: double([1]) })
    expect(problems).toEqual(['dx: nothing tested, all 1 coordinates are kinks'])
  })

  it('of a network whose slope bends within a large ε fails, and is not skipped', () => {
    const loss = broken(softmaxLoss(), (_, right) => {
      right()
      input.g!.data[3] *= 1.3
    })
    const input = bell([5])
    const report = gradcheck(loss, [input, tensor(Int32Array.of(2))], { eps: 0.1, upstream: double([1], []) })
    expect(report).toMatchObject({ skipped: 0, passed: false })
    expect(rowOf(report, 'x')!.worst!.index).toEqual([3])
  })
})

describe('a gradient that is none', () => {
  it.each<[string, (t: Tensor) => unknown, string]>([
    ['null', () => null, 'dx: bwd() left x.g null, expected float64 [2,4]'],
    ['undefined', () => undefined, 'dx: bwd() left x.g undefined, expected float64 [2,4]'],
    ['an array', () => [1, 2], 'dx: bwd() left x.g an array, expected float64 [2,4]'],
    [
      'of another order of axes',
      (g) => g.reshape([4, 2]),
      'dx: bwd() left x.g float64 [4,2], expected float64 [2,4]',
    ],
    ['flat', (g) => g.reshape([8]), 'dx: bwd() left x.g float64 [8], expected float64 [2,4]'],
    [
      'longer',
      (g) => new Tensor(Float64Array.of(...g.data, 0, 0, 0, 0), [3, 4]),
      'dx: bwd() left x.g float64 [3,4], expected float64 [2,4]',
    ],
    [
      'shorter',
      (g) => new Tensor(g.data.slice(0, 4), [1, 4]),
      'dx: bwd() left x.g float64 [1,4], expected float64 [2,4]',
    ],
    [
      'in float32',
      (g) => tensor(g.data, g.shape, { dtype: 'float32' }),
      'dx: bwd() left x.g float32 [2,4], expected float64 [2,4]',
    ],
  ])('%s fails, and says so', (_, change, message) => {
    const input = x()
    const layer = broken(new Affine(), (_layer, right) => {
      right()
      input.g = change(input.g!) as Tensor
    })
    const report = gradcheck(layer, input)
    expect(report.problems).toEqual([message])
    expect(report).toMatchObject({ passed: false, failed: 8, coordinates: 23 })
    expect(rowOf(report, 'x')).toMatchObject({ failed: 8, worst: null })
  })

  it('of a parameter is named', () => {
    const layer = broken(new Affine(), ({ w }, right) => {
      right()
      w.g = w.g!.reshape([4, 3])
    })
    expect(gradcheck(layer, x()).problems).toEqual([
      'dweight: bwd() left weight.g float64 [4,3], expected float64 [3,4]',
    ])
  })

  it('is not one that was left from before', () => {
    const [layer, input] = [new Affine(), x()]
    layer.forward(input).g = bell([2, 3])
    layer.bwd()
    layer.bwd = () => {}
    expect(gradcheck(layer, input).problems).toEqual([
      'dx: bwd() left x.g null, expected float64 [2,4]',
      'dweight: bwd() left weight.g null, expected float64 [3,4]',
      'dbias: bwd() left bias.g null, expected float64 [3]',
    ])
  })
})

describe('kinks', () => {
  const EPSILONS = Array.from({ length: 10 }, (_, i) => 10 ** -(i + 1))

  it.each(EPSILONS)('at ε = %s nothing is skipped where the function is smooth', (eps) => {
    expect(gradcheck(new Affine(), bell([3, 4]), { eps }).skipped).toBe(0)
    expect(gradcheck(softmaxLoss(), [bell([6]), tensor(Int32Array.of(4))], { eps }).skipped).toBe(0)
    const wave = elementwise(Math.sin, Math.cos)
    expect(gradcheck(wave, bell([20]), { eps }).skipped).toBe(0)
  })

  it.each(EPSILONS)('at ε = %s one within ε is skipped, and does not fail', (eps) => {
    for (const share of [0, 0.3, -0.5, 0.9]) {
      const zero = gradcheck(relu(), double([1, share * eps, -1, 2]), {
        eps,
        upstream: double([1, 0.7, 3, 2]),
      })
      expect(zero, `ReLU, kink at ${share} ε`).toMatchObject({ passed: true, skipped: 1, failed: 0 })
      const tie = gradcheck(largest(), double([1, 2, 2 + share * eps, 0, -4, 1, 0, -2]), { eps })
      expect(tie, `maximum, tie at ${share} ε`).toMatchObject({ passed: true, skipped: 2, failed: 0 })
    }
  })

  it('are not among what is furthest apart', () => {
    const { tensors } = gradcheck(relu(), double([1, 1e-7, -1]), { upstream: double([0.5, 100, 0.25]) })
    expect(tensors[0]).toMatchObject({ skipped: 1, failed: 0 })
    expect(tensors[0].worst!.index).not.toEqual([1])
  })

  it('beyond ε are none', () => {
    const report = gradcheck(relu(), double([1, 2e-6, -1, -2e-6]))
    expect(report).toMatchObject({ passed: true, skipped: 0 })
  })

  it('fail where they are more than is allowed, a quarter unless told', () => {
    const kinks = (count: number): Tensor => double(Array.from({ length: 8 }, (_, i) => (i < count ? 0 : i)))
    expect(gradcheck(relu(), kinks(2)).problems).toEqual([])
    expect(gradcheck(relu(), kinks(3)).problems).toEqual([
      'dx: 3 of 8 coordinates are kinks, at most 0.25 of them may be',
    ])
    expect(gradcheck(relu(), kinks(3), { maxSkipped: 0.375 }).passed).toBe(true)
    expect(gradcheck(relu(), kinks(1), { maxSkipped: 0.12 }).passed).toBe(false)
  })
})

describe('nothing tested', () => {
  it('fails where every coordinate is a kink, whatever share is allowed', () => {
    const report = gradcheck(relu(), zeros([3], { dtype: 'float64' }), { maxSkipped: 1 })
    expect(report.passed).toBe(false)
    expect(report.problems).toEqual(['dx: nothing tested, all 3 coordinates are kinks'])
  })

  it('fails where there is no coordinate', () => {
    const report = gradcheck(relu(), zeros([0, 3], { dtype: 'float64' }))
    expect(report).toMatchObject({ passed: false, coordinates: 0 })
    expect(report.problems).toEqual(['nothing tested: neither the input nor a parameter has an element'])
  })
})

describe('the upstream gradient', () => {
  it('is random from the seed, 0 unless told, and never ones', () => {
    const seen: number[][] = []
    const layer = broken(new Affine(), ({ y }, right) => {
      seen.push([...y!.g!.data])
      right()
    })
    for (const options of [{}, { seed: 0 }, { seed: 1 }]) gradcheck(layer, x(), options)
    expect(seen[0]).toEqual(seen[1])
    expect(seen[2]).not.toEqual(seen[0])
    expect(new Set(seen[0]).size).toBe(6)
  })

  it('is the one that is given, and differences take it too', () => {
    const upstream = double([1, 0, 0, 0, 0, -2], [2, 3])
    const layer = new Affine()
    const { passed, tensors } = gradcheck(layer, x(), { upstream })
    expect(passed).toBe(true)
    expect(tensors[2].worst).toMatchObject({ index: [2], analytic: -2 })
    expect(upstream.data).toEqual(Float64Array.of(1, 0, 0, 0, 0, -2))
  })

  it('may be overwritten by bwd(): differences keep theirs', () => {
    const layer = broken(new Affine(), ({ y }, right) => {
      y!.g!.data[0] *= 3
      right()
    })
    expect(gradcheck(layer, x()).passed).toBe(false)
  })
})

describe('what is left changed', () => {
  it('is a problem: an input that forward() or bwd() writes', () => {
    const layer = broken(new Affine(), ({ x: input }, right) => {
      right()
      input!.data[3] += 1e-12
    })
    expect(gradcheck(layer, x()).problems).toContain('forward() or bwd() changed x')
    const target = tensor(Int32Array.of(2, 1))
    const loss = broken(softmaxLoss(), (_, right) => {
      right()
      target.data[1] = 0
    })
    expect(gradcheck(loss, [bell([4]), target]).problems).toEqual(['forward() or bwd() changed input 1'])
  })
})
