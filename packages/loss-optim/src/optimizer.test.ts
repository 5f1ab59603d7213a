import { backends, blocksTaken, ones, Tensor, tensor, useBackend, zeros } from '@handgrad/tensor'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { steps } from '../test/minimize.ts'
import { Adam, CrossEntropyLoss, SGD } from './index.ts'
import * as specs from './specs.ts'

afterAll(() => useBackend(backends().at(-1)!))

/** Every option at another value than its default. */
const sgdOptions = {
  lr: 0.25,
  momentum: 0.5,
  dampening: 0.5,
  weightDecay: 0.5,
  nesterov: false,
  maximize: true,
}
const adamOptions = {
  lr: 0.25,
  betas: [0.5, 0.75] as const,
  eps: 0.125,
  weightDecay: 0.5,
  amsgrad: true,
  maximize: true,
}

const kinds = {
  SGD: { make: (parameters: Tensor[]) => new SGD(parameters, sgdOptions), bare: (p: Tensor[]) => new SGD(p) },
  Adam: {
    make: (parameters: Tensor[]) => new Adam(parameters, adamOptions),
    bare: (p: Tensor[]) => new Adam(p),
  },
}

/** Two parameters of unequal extents: 5 and 2 × 3 elements. */
const parameters = (): Tensor[] => [tensor([1, -2, 3, 0.5, 4]), tensor([[2, 1, -1], [0.25, 8, -3]])] // biome-ignore format: a matrix

/** Gradients of step `k`; the second parameter has none at the second step, so that the two count differently. */
const gradient = (k: number): (number[] | null)[] => [
  [k, -1, 2 - k, 0.5, k / 2],
  k === 2 ? null : [1, k, -k, 3, 0.25, -2],
]
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => gradient(from + i))

describe.each(Object.entries(kinds))('%s on %s', (_name, { make, bare }) => {
  describe.each([...backends(), 'float64'] as const)('%s', (where) => {
    const fresh = (): Tensor[] =>
      where === 'float64'
        ? parameters().map((p) => tensor(p.data, p.shape, { dtype: 'float64' }) as Tensor)
        : parameters()
    beforeEach(() => useBackend(where === 'float64' ? 'reference' : where))

    test('goes on from a saved state bit for bit, whatever options it was made with', () => {
      const straight = steps(make(fresh()), range(1, 8))
      const first = make(fresh())
      steps(first, range(1, 4))
      const saved = first.stateDict()
      const after = first.parameters.map((p) => p.clone())
      // Nothing that the first does later may reach the saved state, nor what is loaded from it.
      steps(first, range(4, 6))
      const second = bare(after).loadStateDict(saved as never)
      expect(second.options).toEqual(first.options)
      expect(steps(second, range(4, 8))).toEqual(straight.slice(3))
      const third = bare(fresh()).loadStateDict(saved as never)
      third.parameters.forEach((p, i) => p.data.set(straight[2].slice(i * 5, i * 5 + p.data.length)))
      expect(steps(third, range(4, 8))).toEqual(straight.slice(3))
    })

    test('one whose state is replaced in its middle forgets its own', () => {
      const straight = steps(make(fresh()), range(1, 6))
      const first = make(fresh())
      steps(first, range(1, 3))
      const saved = first.stateDict()
      steps(first, range(5, 8))
      first.loadStateDict(saved as never)
      first.parameters.forEach((p, i) => p.data.set(straight[1].slice(i * 5, i * 5 + p.data.length)))
      expect(steps(first, range(3, 6))).toEqual(straight.slice(2))
    })

    test('a loaded state of before the first step makes it start anew', () => {
      const straight = steps(make(fresh()), range(1, 4))
      const untouched = make(fresh()).stateDict()
      const optimizer = make(fresh())
      steps(optimizer, range(4, 7))
      optimizer.loadStateDict(untouched as never)
      optimizer.parameters.forEach((p, i) => p.data.set(fresh()[i].data))
      expect(steps(optimizer, range(1, 4))).toEqual(straight)
    })

    test('the saved state is a copy in ordinary memory, of the parameters’ dtype and shapes', () => {
      const optimizer = make(fresh())
      steps(optimizer, range(1, 4))
      const saved = optimizer.stateDict()
      for (const kept of saved.state) for (const x of Object.values(kept)) x.data.fill(77)
      ;(saved.options as { lr: number }).lr = 77
      expect(optimizer.options.lr).toBe(0.25)
      const again = optimizer.stateDict()
      again.state.forEach((kept, i) => {
        expect(Object.getPrototypeOf(kept)).toBe(null)
        for (const [key, x] of Object.entries(kept)) {
          const own =
            key === 'step' ? ([[], 'float32'] as const) : ([fresh()[i].shape, fresh()[i].dtype] as const)
          expect([x.shape, x.dtype], key).toEqual(own)
          expect(x.data.buffer, key).toBeInstanceOf(ArrayBuffer)
          expect([...x.data], key).not.toContain(77)
        }
      })
    })

    test('no memory is taken after the first step of any, and what the user writes between steps counts', () => {
      steps(make(fresh()), range(1, 2))
      const optimizer = make(fresh())
      const before = blocksTaken()
      steps(optimizer, range(2, 5))
      expect(blocksTaken()).toBe(before)
      optimizer.loadStateDict(optimizer.stateDict() as never)
      steps(optimizer, range(2, 5))
      expect(blocksTaken()).toBe(before)
      const twin = make(fresh()).loadStateDict(optimizer.stateDict() as never)
      for (const p of [...optimizer.parameters, ...twin.parameters]) p.data.fill(1.5)
      expect(steps(optimizer, range(5, 6))).toEqual(steps(twin, range(5, 6)))
    })
  })

  test('may change its backend between steps', () => {
    const [reference, ...others] = backends()
    useBackend(reference)
    const straight = steps(make(parameters()), range(1, 8)).at(-1)!
    const optimizer = make(parameters())
    let last: number[] = []
    for (let k = 1; k < 8; k++) {
      useBackend([reference, ...others, ...others][k % 5])
      last = steps(optimizer, [gradient(k)])[0]
    }
    last.forEach((value, i) => expect(value).toBeCloseTo(straight[i], 5))
  })

  test('a parameter of no element, or without a gradient, is left alone', () => {
    const [a, b, none] = [tensor([1, 2]), tensor([3]), zeros([0, 2])]
    const optimizer = make([a, b, none])
    a.g = ones([2])
    none.g = zeros([0, 2])
    optimizer.step()
    expect([...b.data]).toEqual([3])
    expect(a.data[0]).not.toBe(1)
    expect(Object.keys(optimizer.stateDict().state[1])).toEqual([])
    optimizer.zeroGrad()
    expect([a.g, b.g, none.g]).toEqual([null, null, null])
  })

  test('a gradient that does not fit is refused before any parameter has moved', () => {
    const [a, b]: Tensor[] = [tensor([1, 2]), tensor([[3, 4, 5]])]
    const optimizer = make([a, b])
    a.g = ones([2])
    b.g = ones([3, 1])
    expect(() => optimizer.step()).toThrow(
      /step\(\): parameter 1 is float32 \[1,3\], its \.g float32 \[3,1\]/,
    )
    b.g = ones([1, 3], { dtype: 'float64' }) as unknown as Tensor
    expect(() => optimizer.step()).toThrow('parameter 1 is float32 [1,3], its .g float64 [1,3]')
    for (const [odd, words] of [
      [[3, 4, 5], 'an array'],
      [5, '5'],
      [undefined, 'undefined'],
    ] as const) {
      b.g = odd as never
      expect(() => optimizer.step()).toThrow(`step(): parameter 1's .g is ${words}, expected a Tensor`)
    }
    expect([[...a.data], [...b.data], optimizer.stateDict().state]).toEqual([
      [1, 2],
      [3, 4, 5],
      [{}, {}],
    ])
  })

  test('the list of parameters is its own', () => {
    const list = parameters()
    const optimizer = make(list)
    list.pop()
    expect(optimizer.parameters.length).toBe(2)
  })
})

describe('what is refused when it is made', () => {
  test.each(Object.entries(kinds))('%s', (name, { bare }) => {
    const p = zeros([2])
    const refused = (list: unknown): string => {
      try {
        bare(list as Tensor[])
      } catch (error) {
        return (error as Error).message
      }
      return 'accepted'
    }
    expect(refused([])).toBe(`${name}: got no parameters; pass net.parameters()`)
    expect(refused(p)).toBe(
      `${name}: parameters is a Tensor, expected an array of tensors; pass net.parameters()`,
    )
    expect(refused(undefined)).toContain(`${name}: parameters is undefined, expected an array of tensors`)
    expect(refused([p, 5])).toBe(`${name}: parameter 1 is 5, expected a Tensor`)
    expect(refused([p, zeros([1]), p])).toBe(`${name}: parameter 2 occurs twice`)
    expect(refused([p, zeros([1], { dtype: 'int32' })])).toBe(
      `${name}: parameter 1 is int32, expected float32 or float64`,
    )
  })

  test('options that do not exist, and what is no option', () => {
    const p = [zeros([2])]
    const make =
      (options: unknown, ...more: unknown[]) =>
      () =>
        new (SGD as new (...args: unknown[]) => SGD)(p, options, ...more)
    expect(make({ weight_decay: 0.1 })).toThrow(
      'SGD: there is no option weight_decay, did you mean weightDecay?',
    )
    expect(make(0.1)).toThrow('SGD: argument 2 is 0.1, expected an object of options, as { lr: 0.1 }')
    expect(make(0.1, 0.9)).toThrow('as { lr: 0.1, momentum: 0.9 }')
    expect(make({ lr: 0.1 }, 0.9)).toThrow('SGD: argument 3 is 0.9, expected nothing behind the options')
    expect(make({ lr: '0.1' })).toThrow("SGD: lr is '0.1', expected a number ≥ 0")
    expect(make({ lr: NaN })).toThrow('SGD: lr is NaN, expected a number ≥ 0')
    expect(make({ lr: Infinity })).toThrow('SGD: lr is Infinity')
    expect(make({ dampening: NaN })).toThrow('SGD: dampening is NaN')
    expect(make({ weightDecay: null })).toThrow('SGD: weightDecay is null')
    const adam = (options: unknown) => () => new Adam(p, options as object)
    expect(adam(0.001)).toThrow('Adam: argument 2 is 0.001, expected an object of options, as { lr: 0.001 }')
    for (const [option, name] of [
      [{ lr: -1 }, 'lr'],
      [{ eps: -1 }, 'eps'],
      [{ weightDecay: -1 }, 'weightDecay'],
      [{ betas: [-1, 0.5] }, 'betas[0]'],
      [{ betas: [0.5, -1] }, 'betas[1]'],
    ] as const) {
      expect(adam(option)).toThrow(`Adam: ${name} is -1, expected a number ≥ 0`)
    }
    for (const name of ['lr', 'momentum', 'weightDecay']) {
      expect(make({ [name]: -1 })).toThrow(`SGD: ${name} is -1, expected a number ≥ 0`)
      expect(make({ [name]: 0 })).not.toThrow()
    }
    expect(make({ dampening: -5 })).not.toThrow()
    expect(adam({ beta1: 0.9 })).toThrow('Adam: there is no option beta1, did you mean betas?')
    expect(adam({ betas: 0.9 })).toThrow('Adam: betas is 0.9, expected a pair such as [0.9, 0.999]')
    expect(adam({ betas: [0.9, 0.99, 0.5] })).toThrow('Adam: betas is an array, expected a pair')
    expect(adam({ betas: [0.9, 1] })).toThrow('Adam: betas[1] is 1, expected a number ≥ 0 and < 1')
  })
})

describe('what no state dict may be', () => {
  const made = () => {
    const optimizer = new Adam([tensor([1, 2]), tensor([3, 4, 5])], { lr: 0.5, amsgrad: false })
    steps(optimizer, [[[1, 1], [1, 1, 1]]]) // biome-ignore format: gradients
    return optimizer
  }
  type State = ReturnType<Adam['stateDict']>
  const cases: [string, (state: State) => void, string][] = [
    ['fewer parameters', ({ state }) => state.pop(), 'state of 1 parameters, expected 2'],
    ['more parameters', ({ state }) => state.push({}), 'state of 3 parameters, expected 2'],
    ['no state', (saved) => ((saved as { state: unknown }).state = undefined), 'state is undefined, expected 2'],
    ['another name', ({ state }) => (state[1].momentum_buffer = zeros([3])), 'parameter 1 has momentum_buffer float32 [3], expected no such entry'],
    ['a name of Object', ({ state }) => (state[1].constructor = zeros([3]) as never), 'parameter 1 has constructor float32 [3], expected no such entry'],
    ['another shape', ({ state }) => (state[1].exp_avg = zeros([1, 3])), 'parameter 1 has exp_avg float32 [1,3], expected float32 [3]'],
    ['the other parameter’s', ({ state }) => state.reverse(), 'parameter 0 has exp_avg float32 [3], expected float32 [2]'],
    ['another dtype', ({ state }) => (state[0].exp_avg_sq = zeros([2], { dtype: 'float64' }) as never), 'parameter 0 has exp_avg_sq float64 [2], expected float32 [2]'],
    ['a step that is no scalar', ({ state }) => (state[0].step = ones([1])), 'parameter 0 has step float32 [1], expected float32 []'],
    ['no tensor', ({ state }) => (state[0].step = 3 as never), 'parameter 0: step is 3, expected a Tensor'],
    ['an entry missing', ({ state }) => delete (state[1] as Record<string, unknown>).exp_avg_sq, 'parameter 1 has step, exp_avg, but no exp_avg_sq'],
    [
      'a step alone',
      ({ state }) => {
        state[1] = { step: state[1].step }
      },
      'parameter 1 has step, but no exp_avg',
    ],
    ['AMSGrad without its maxima', ({ options }) => (options.amsgrad = true), 'parameter 0 has step, exp_avg, exp_avg_sq, but no max_exp_avg_sq'],
    ['an option missing', ({ options }) => delete (options as { eps?: number }).eps, 'the state has no option eps'],
    ['an option that does not exist', ({ options }) => Object.assign(options, { momentum: 0 }), 'there is no option momentum'],
    ['options out of range', ({ options }) => (options.lr = -1), 'lr is -1, expected a number ≥ 0'],
    ['no options', (saved) => ((saved as { options: unknown }).options = null), "the state's options is null, expected what stateDict() gave"],
  ] // biome-ignore format: one line a case

  test.each(cases)('%s', (_name, spoil, message) => {
    const optimizer = made()
    const before = optimizer.stateDict()
    const other = made().stateDict()
    other.options.lr = 0.125
    for (const kept of other.state) for (const x of Object.values(kept)) x.data.fill(9)
    spoil(other)
    expect(() => optimizer.loadStateDict(other)).toThrow(message)
    expect(optimizer.stateDict()).toEqual(before)
  })

  test.each([
    [undefined, 'Adam.loadStateDict: the state is undefined, expected what stateDict() gave'],
    [null, 'the state is null'],
    ['state', "the state is 'state'"],
  ])('%o', (saved, message) => {
    expect(() => made().loadStateDict(saved as never)).toThrow(message)
  })

  test('nothing kept for a parameter is an empty record, not null', () => {
    const saved = made().stateDict()
    expect(() => made().loadStateDict({ ...saved, state: [{}, null as never] })).toThrow(
      'Adam.loadStateDict: parameter 1: what is kept is null',
    )
    expect(
      made()
        .loadStateDict({ ...saved, state: [{}, {}] })
        .stateDict().state,
    ).toEqual([{}, {}])
  })

  test('AMSGrad is loaded with its maxima, and left off where the state has none', () => {
    const p = () => [tensor([1, 2])]
    const amsgrad = new Adam(p(), { amsgrad: true })
    steps(amsgrad, [[[1, 2]]])
    const plain = new Adam(p())
    expect(plain.loadStateDict(amsgrad.stateDict()).stateDict()).toEqual(amsgrad.stateDict())
    const other = new Adam(p())
    steps(other, [[[1, 2]]])
    expect(plain.loadStateDict(other.stateDict()).stateDict()).toEqual(other.stateDict())
  })
})

test.each(
  Object.values(specs)
    .filter(({ kind }) => kind !== 'schedule')
    .map((spec) => [spec.name, spec] as const),
)('%s refuses what is no option of its own', (name, spec) => {
  const create = spec.create as (given: unknown[], options: object) => unknown
  const given = spec.kind === 'optimizer' ? [zeros([1])] : []
  expect(() => create(given, { nonsense: 1 })).toThrow(`${name}: there is no option nonsense (`)
})

test('the defaults are torch’s', () => {
  expect(new SGD([zeros([1])]).options).toEqual({
    lr: 0.001,
    momentum: 0,
    dampening: 0,
    weightDecay: 0,
    nesterov: false,
    maximize: false,
  })
  expect(new Adam([zeros([1])]).options).toEqual({
    lr: 0.001,
    betas: [0.9, 0.999],
    eps: 1e-8,
    weightDecay: 0,
    amsgrad: false,
    maximize: false,
  })
})

test('an option of the user’s is never written', () => {
  const betas: [number, number] = [0.5, 0.75]
  const options = { betas }
  const adam = new Adam([tensor([1])], options)
  betas[0] = 0
  expect(adam.options.betas).toEqual([0.5, 0.75])
  expect(Object.keys(options)).toEqual(['betas'])
})

test('tensors of another copy of @handgrad/tensor are refused with both versions', async () => {
  vi.resetModules()
  const other = (await import('@handgrad/tensor')) as { zeros: typeof zeros }
  const x = other.zeros([1, 2])
  const copy = /Tensor of another copy of @handgrad\/tensor \(\d.* there, \d.* here\)/
  expect(() => new SGD([x])).toThrow(copy)
  expect(() => new CrossEntropyLoss().forward(x, tensor(Int32Array.of(0)))).toThrow(copy)
  expect(() => new CrossEntropyLoss({ weight: x })).toThrow(copy)
})
