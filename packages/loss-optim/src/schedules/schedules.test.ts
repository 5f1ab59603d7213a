import { tensor, zeros } from '@handgrad/tensor'
import { describe, expect, test } from 'vitest'
import { steps } from '../../test/minimize.ts'
import { Adam, OneCycleLR, type OneCycleLROptions, type Scheduled, SGD, StepLR } from '../index.ts'

const sgd = (lr = 0.1): SGD => new SGD([zeros([1])], { lr, momentum: 0.9 })

/** The rate and momentum before each step and after the last. */
function ratesOf(optimizer: Scheduled, schedule: { step(): void }, count: number): [number, number][] {
  const rates: [number, number][] = []
  const read = () => {
    const { lr, momentum, betas } = optimizer.options as { lr: number; momentum?: number; betas?: number[] }
    rates.push([lr, momentum ?? betas![0]])
  }
  read()
  for (let k = 0; k < count; k++) {
    schedule.step()
    read()
  }
  return rates
}
const lrs = (rates: [number, number][]) => rates.map(([lr]) => lr)

function expectClose(came: readonly number[], expected: readonly number[]): void {
  expect(came.length).toBe(expected.length)
  came.forEach((value, i) => expect(value, `step ${i}`).toBeCloseTo(expected[i], 15))
}

describe('StepLR', () => {
  test('moves at every stepSize-th step, and leaves the momentum', () => {
    const optimizer = sgd(1)
    const rates = ratesOf(optimizer, new StepLR(optimizer, 2, { gamma: 0.5 }), 5)
    expect(rates).toEqual([[1, 0.9], [1, 0.9], [0.5, 0.9], [0.5, 0.9], [0.25, 0.9], [0.25, 0.9]]) // biome-ignore format: pairs
  })

  test('its default is a tenth', () => {
    const optimizer = sgd(1)
    new StepLR(optimizer, 1).step()
    expect(optimizer.options.lr).toBe(0.1)
  })

  test('multiplies what is there, also what the user wrote', () => {
    const optimizer = sgd(1)
    const schedule = new StepLR(optimizer, 1, { gamma: 0.5 })
    schedule.step()
    optimizer.options.lr = 8
    schedule.step()
    expect([optimizer.options.lr, schedule.getLastLr()]).toEqual([4, [4]])
  })

  test('a gamma of 0, or above 1, or below 0 is torch’s too', () => {
    for (const gamma of [0, 3, -2]) {
      const optimizer = sgd(1)
      expectClose(lrs(ratesOf(optimizer, new StepLR(optimizer, 1, { gamma }), 2)), [1, gamma, gamma * gamma])
    }
  })

  test.each([
    [[sgd(), 2, { gamma: NaN }], 'StepLR: gamma is NaN, expected a number'],
    [[sgd(), 2, { gamma: Infinity }], 'StepLR: gamma is Infinity'],
    [[sgd(), 2, { gamma: '0.5' }], "StepLR: gamma is '0.5'"],
    [[sgd(), 2, 0.5], 'StepLR: argument 3 is 0.5, expected an object of options, as { gamma: 0.5 }'],
    [[sgd(), 2, { gama: 0.5 }], 'StepLR: there is no option gama, did you mean gamma?'],
    [[sgd(), '2'], "StepLR: stepSize is '2', expected a whole number ≥ 1"],
    [[sgd()], 'StepLR: stepSize is undefined'],
    [[sgd(), 0], 'StepLR: stepSize is 0'],
    [[sgd(), -1], 'StepLR: stepSize is -1'],
    [[{}, 2], 'StepLR: optimizer is an object, expected an optimizer'],
    [[undefined, 2], 'StepLR: optimizer is undefined, expected an optimizer'],
  ])('refuses %o', (args, message) => {
    expect(() => new (StepLR as unknown as new (...args: unknown[]) => StepLR)(...args)).toThrow(message)
  })
})

describe('OneCycleLR', () => {
  test('worked out by hand: linear, four steps up, five down', () => {
    const optimizer = sgd()
    const options = { totalSteps: 10, pctStart: 0.5, annealStrategy: 'linear' } as const
    const schedule = new OneCycleLR(optimizer, 1, { ...options, divFactor: 5, finalDivFactor: 4 })
    const rates = ratesOf(optimizer, schedule, 10)
    // 0.2 to 1 in 4 steps; 1 to 0.05 in 5; the step behind the last goes on along the line, as torch's.
    expectClose(lrs(rates), [0.2, 0.4, 0.6, 0.8, 1, 0.81, 0.62, 0.43, 0.24, 0.05, -0.14])
    expectClose(
      rates.map(([, momentum]) => momentum),
      [0.95, 0.925, 0.9, 0.875, 0.85, 0.87, 0.89, 0.91, 0.93, 0.95, 0.97],
    )
  })

  test('worked out by hand: half a cosine each way', () => {
    const optimizer = sgd()
    const schedule = new OneCycleLR(optimizer, 1, {
      totalSteps: 6,
      pctStart: 0.5,
      divFactor: 2,
      finalDivFactor: 5,
    })
    // Up from ½ over ¾ to 1; down from 1 over 0.1 + 0.9·¾ and 0.1 + 0.9·¼ to 0.1.
    expectClose(lrs(ratesOf(optimizer, schedule, 5)), [0.5, 0.75, 1, 0.775, 0.325, 0.1])
  })

  test('worked out by hand: three phases', () => {
    const optimizer = sgd()
    const options = { totalSteps: 8, pctStart: 0.375, annealStrategy: 'linear', threePhase: true } as const
    const schedule = new OneCycleLR(optimizer, 1, { ...options, divFactor: 2, finalDivFactor: 10 })
    const rates = ratesOf(optimizer, schedule, 7)
    expectClose(lrs(rates), [0.5, 0.75, 1, 0.75, 0.5, 0.35, 0.2, 0.05])
    expectClose(
      rates.map(([, momentum]) => momentum),
      [0.95, 0.9, 0.85, 0.9, 0.95, 0.95, 0.95, 0.95],
    )
  })

  // What torch 2.13.0 gives, where a phase has less than a step: rate and momentum before each step and after the last.
  test.each([
    [{ totalSteps: 1 }, [[4e-7, 0.95], [0.06112620219362891, 0.8888739533021843]]],
    [{ totalSteps: 1, threePhase: true }, [[4e-7, 0.95], [0.003247054905757095, 0.95]]],
    [{ totalSteps: 2, pctStart: 0 }, [[0.0500002, 0.9], [4e-7, 0.95], [0.0500002, 0.9]]],
    [{ totalSteps: 2, pctStart: 0.9 }, [[0.004, 0.95], [4e-7, 0.95], [0.1, 0.85]]],
    [
      { totalSteps: 3 },
      [[0.09944154354509119, 0.8505584586887436], [0.046263710266697504, 0.9037365046793212], [4e-7, 0.95], [0.04626371026669753, 0.9037365046793212]],
    ],
    [
      { totalSteps: 3, threePhase: true },
      [[0.003918994048634272, 0.95], [0.001715598786421084, 0.95], [4e-7, 0.95], [0.001715598786421084, 0.95]],
    ],
  ] as [OneCycleLROptions, number[][]][])('short: %o', (options, expected) => {
    const optimizer = sgd()
    const rates = ratesOf(optimizer, new OneCycleLR(optimizer, 0.1, options), options.totalSteps!)
    expectClose(rates.flat(), expected.flat())
  }) // biome-ignore format: pairs

  test('the defaults are torch’s', () => {
    const optimizer = sgd()
    const rates = ratesOf(optimizer, new OneCycleLR(optimizer, 1, { epochs: 5, stepsPerEpoch: 4 }), 19)
    // 0.3 · 20 − 1 = 5: there the rate is at its peak and the momentum at its lowest.
    expectClose([...rates[0], ...rates[5], ...rates[19]], [1 / 25, 0.95, 1, 0.85, 1 / 25 / 1e4, 0.95])
  })

  test('Adam’s β₁ is cycled, β₂ and the list that the user gave are not', () => {
    const betas: [number, number] = [0.9, 0.75]
    const adam = new Adam([zeros([1])], { betas })
    const before = adam.options.betas
    const schedule = new OneCycleLR(adam, 1, {
      totalSteps: 6,
      pctStart: 0.5,
      baseMomentum: 0.5,
      maxMomentum: 0.75,
    })
    schedule.step()
    schedule.step()
    expect([betas, before, adam.options.betas]).toEqual([[0.9, 0.75], [0.9, 0.75], [0.5, 0.75]]) // biome-ignore format: pairs
    expect('momentum' in adam.options).toBe(false)
  })

  test('without cycleMomentum, momentum stays; and an optimizer that has none is refused, unchanged', () => {
    const optimizer = sgd()
    const rates = ratesOf(optimizer, new OneCycleLR(optimizer, 1, { totalSteps: 6, cycleMomentum: false }), 6)
    expect(new Set(rates.map(([, momentum]) => momentum))).toEqual(new Set([0.9]))
    const without = { options: { lr: 0.5 } } as unknown as Scheduled
    expect(() => new OneCycleLR(without, 1, { totalSteps: 6 })).toThrow('pass { cycleMomentum: false }')
    expect(without.options).toEqual({ lr: 0.5 })
    const made = new OneCycleLR(without, 1, { totalSteps: 6, cycleMomentum: false })
    expect(made.getLastLr()).toEqual([without.options.lr])
    expect(without.options).toEqual({ lr: expect.closeTo(1 / 25, 15) })
  })

  test('totalSteps counts before epochs; a step beyond the cycle is refused and changes nothing', () => {
    const optimizer = sgd()
    const schedule = new OneCycleLR(optimizer, 1, { totalSteps: 3, epochs: 9, stepsPerEpoch: 9 })
    expect(schedule.totalSteps).toBe(3)
    for (let k = 0; k < 3; k++) schedule.step()
    const before = { ...optimizer.options }
    expect(() => schedule.step()).toThrow("OneCycleLR: step 4 is beyond the cycle's 3")
    expect([schedule.lastEpoch, optimizer.options]).toEqual([3, before])
  })

  const refused: [number | string, object | number | undefined, string][] = [
    // torch divides by zero when it is made …
    [0.1, { totalSteps: 10, pctStart: 0.1 }, 'pctStart 0.1 of 10 steps leaves no step for the rise'],
    [0.1, { totalSteps: 10, pctStart: 0.1, threePhase: true }, 'leaves no step for the rise'],
    [0.1, { totalSteps: 1, pctStart: 1 }, 'leaves no step for the rise'],
    [0.1, { totalSteps: 1, pctStart: 1, threePhase: true }, 'leaves no step for the rise'],
    // … or at the last step.
    [0.1, { totalSteps: 10, pctStart: 1 }, 'pctStart 1 of 10 steps leaves no step for the fall'],
    [0.1, { totalSteps: 10, pctStart: 0.55, threePhase: true }, 'leaves no step for the fall'],
    [0.1, { totalSteps: 10, divFactor: 0 }, 'divFactor is 0, expected a number above 0'],
    [0.1, { totalSteps: 10, divFactor: -1 }, 'divFactor is -1'],
    [0.1, { totalSteps: 10, finalDivFactor: 0 }, 'finalDivFactor is 0, expected a number above 0'],
    [0.1, { totalSteps: 10, finalDivFactor: NaN }, 'finalDivFactor is NaN'],
    [Infinity, { totalSteps: 10 }, 'maxLr is Infinity, expected a number above 0'],
    [NaN, { totalSteps: 10 }, 'maxLr is NaN'],
    [-1, { totalSteps: 10 }, 'maxLr is -1'],
    ['0.1', { totalSteps: 10 }, "maxLr is '0.1'"],
    [0.1, { totalSteps: 10, baseMomentum: NaN }, 'baseMomentum is NaN, expected a number ≥ 0'],
    [0.1, { totalSteps: 10, maxMomentum: -0.5 }, 'maxMomentum is -0.5'],
    [0.1, { totalSteps: 10, pctStart: NaN }, 'pctStart is NaN, expected 0 to 1'],
    [0.1, { totalSteps: 10, pctStart: -0.1 }, 'pctStart is -0.1'],
    [0.1, { totalSteps: 10, annealStrategy: 'toString' }, "annealStrategy is 'toString', expected 'cos' or 'linear'"],
    [0.1, { epochs: 1.5, stepsPerEpoch: 2 }, 'give totalSteps, or epochs and stepsPerEpoch, as whole numbers'],
    [0.1, { epochs: 2, stepsPerEpoch: 0 }, 'give totalSteps'],
    [0.1, { epochs: -2, stepsPerEpoch: -3 }, 'give totalSteps'],
    [0.1, { epochs: 2 }, 'give totalSteps'],
    [0.1, undefined, 'give totalSteps'],
    [0.1, { totalSteps: 2.5, epochs: 2, stepsPerEpoch: 2 }, 'give totalSteps'],
    [0.1, { total_steps: 10 }, 'there is no option total_steps, did you mean totalSteps?'],
    [0.1, 10, 'argument 3 is 10, expected an object of options, as { totalSteps: 10 }'],
  ] // biome-ignore format: one line a case

  test.each(refused)('is refused when it is made: %o %o', (maxLr, options, message) => {
    const optimizer = sgd()
    expect(() => new OneCycleLR(optimizer, maxLr as number, options as OneCycleLROptions)).toThrow(
      /^OneCycleLR: /,
    )
    expect(() => new OneCycleLR(optimizer, maxLr as number, options as OneCycleLROptions)).toThrow(message)
    expect(optimizer.options).toEqual(sgd().options)
  })

  test('rates from and to 0 by infinite factors', () => {
    const optimizer = sgd()
    const options = { totalSteps: 6, pctStart: 0.5, divFactor: Infinity, finalDivFactor: Infinity }
    expectClose(lrs(ratesOf(optimizer, new OneCycleLR(optimizer, 1, options), 5)), [0, 0.5, 1, 0.75, 0.25, 0])
  })
})

describe('state', () => {
  const kinds = {
    StepLR: (optimizer: Scheduled) => new StepLR(optimizer, 3, { gamma: 0.5 }),
    OneCycleLR: (optimizer: Scheduled) => new OneCycleLR(optimizer, 1, { totalSteps: 12, pctStart: 0.5 }),
  }

  test.each(Object.entries(kinds))(
    '%s goes on where it stood, its state alone or with the optimizer',
    (_name, make) => {
      const straight = sgd()
      const rates = ratesOf(straight, make(straight), 11)
      for (let at = 0; at < 11; at++) {
        const optimizer = sgd()
        const schedule = make(optimizer)
        for (let k = 0; k < at; k++) schedule.step()
        const saved = schedule.stateDict()
        expect(saved).toEqual({ lastEpoch: at, lr: rates[at][0] })
        schedule.step()
        expect(saved.lastEpoch).toBe(at)
        const alone = sgd()
        const resumed = make(alone).loadStateDict(saved)
        expect([resumed.lastEpoch, resumed.getLastLr()]).toEqual([at, [rates[at][0]]])
        expect(ratesOf(alone, resumed, 11 - at)).toEqual(rates.slice(at))
      }
    },
  )

  test('a rate that the user wrote is part of it', () => {
    const optimizer = sgd()
    const schedule = kinds.StepLR(optimizer)
    optimizer.options.lr = 0.75
    const saved = schedule.stateDict()
    const other = sgd()
    kinds.OneCycleLR(other).loadStateDict(saved)
    kinds.StepLR(other).loadStateDict(saved)
    expect(other.options.lr).toBe(0.75)
  })

  test('what no state may be is refused, and changes nothing', () => {
    for (const [name, make] of Object.entries(kinds)) {
      const optimizer = sgd()
      const schedule = make(optimizer)
      schedule.step()
      const before = [schedule.stateDict(), { ...optimizer.options }]
      for (const [state, message] of [
        [{ lastEpoch: -1, lr: 0.5 }, 'lastEpoch is -1, expected a whole number ≥ 0'],
        [{ lastEpoch: 1.5, lr: 0.5 }, 'lastEpoch is 1.5'],
        [{ lr: 0.5 }, 'lastEpoch is undefined'],
        [{ lastEpoch: 2, lr: NaN }, 'lr is NaN, expected a number'],
        [{ lastEpoch: 2 }, 'lr is undefined'],
        [{ lastEpoch: 2, lr: '0.5' }, "lr is '0.5'"],
        [undefined, 'the state is undefined, expected what stateDict() gave'],
        [null, 'the state is null'],
        [3, 'the state is 3'],
      ] as const) {
        expect(() => schedule.loadStateDict(state as never)).toThrow(`${name}.loadStateDict: ${message}`)
      }
      expect([schedule.stateDict(), { ...optimizer.options }]).toEqual(before)
    }
    const cycle = kinds.OneCycleLR(sgd())
    expect(() => cycle.loadStateDict({ lastEpoch: 13, lr: 1 })).toThrow(
      'lastEpoch is 13, the cycle has 12 steps',
    )
    expect(cycle.loadStateDict({ lastEpoch: 12, lr: 1 }).lastEpoch).toBe(12)
  })
})

test('the optimizer steps with what the schedule set', () => {
  const parameter = tensor([4])
  const optimizer = new SGD([parameter], { lr: 1 })
  const schedule = new StepLR(optimizer, 1, { gamma: 0.5 })
  expect(steps(optimizer, [[[1]]])).toEqual([[3]])
  schedule.step()
  expect(steps(optimizer, [[[1]]])).toEqual([[2.5]])
})
