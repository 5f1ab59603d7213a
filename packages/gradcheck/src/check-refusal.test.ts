import { type DType, type Tensor, tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { checkRefusal } from './check-refusal.ts'
import type { ErrorCase, ModuleSpec, OptimizerSpec, ScheduleSpec } from './spec.ts'
import { bench } from './test/bench.ts'

const { spec } = bench({ cases: [] })
const throwing = (error: unknown): ModuleSpec => ({
  ...spec,
  create: () => {
    throw error
  },
})

describe('the message', () => {
  const check = (said: string, message: string | RegExp): string | null =>
    checkRefusal(throwing(new Error(said)), { name: 'odd', message })

  it('must be the whole of it', () => {
    expect(check('Affine: 3 is odd', 'Affine: 3 is odd')).toBeNull()
    for (const said of [
      'Affine: 3 is odd.',
      'Affine: 3 is',
      'affine: 3 is odd',
      '',
      'TypeError: x is undefined',
    ]) {
      expect(check(said, 'Affine: 3 is odd')).toBe(`refused with "${said}", expected Affine: 3 is odd`)
    }
  })

  it('may be a pattern', () => {
    expect(check('Affine: 3 is odd', /3 is/)).toBeNull()
    expect(check('Affine: 3 is odd', /^3 is/)).toBe('refused with "Affine: 3 is odd", expected /^3 is/')
  })

  it('is no message where what is thrown is no error', () => {
    expect(checkRefusal(throwing('3 is odd'), { name: 'odd', message: '3 is odd' })).toBe(
      'refused with "undefined", expected 3 is odd',
    )
  })
})

it('what is not refused is said to be accepted', () => {
  expect(checkRefusal(spec, { name: 'fine', message: 'no' })).toBe('accepted without an error')
})

describe('what must refuse', () => {
  /** Each call with what it was given. */
  function recorder() {
    const calls: unknown[] = []
    const layer = {
      forward: (...x: Tensor<DType>[]) => (
        calls.push(['forward', ...x.map(({ shape }) => shape)]), tensor([0])
      ),
      bwd() {},
    }
    const create: ModuleSpec['create'] = (args, options) => {
      calls.push(['create', args, options])
      return layer
    }
    return { calls, spec: { ...spec, create } }
  }

  it('is the constructor alone, or forward where there are inputs: with all arguments', () => {
    const one = recorder()
    checkRefusal(one.spec, { name: 'a', args: [1, 'two'], options: { bias: false }, message: '' })
    expect(one.calls).toEqual([['create', [1, 'two'], { bias: false }]])
    const two = recorder()
    const inputs = { x: { shape: [2, 3] }, target: { shape: [2], dtype: 'int32', fill: 'zeros' } } as const
    checkRefusal(two.spec, { name: 'b', inputs, message: '' })
    expect(two.calls).toEqual([
      ['create', [], {}],
      ['forward', [2, 3], [2]],
    ])
  })

  it('gets tensors for options where they are named', () => {
    const { calls, spec: own } = recorder()
    const item: ErrorCase = {
      name: 'c',
      options: { weight: { tensor: 'w' } },
      tensors: { w: { shape: [3] } },
      message: '',
    }
    checkRefusal(own, item)
    const [[, , options]] = calls as [[string, unknown, { weight: Tensor }]]
    expect(options.weight.shape).toEqual([3])
  })

  it('is an optimizer with one parameter, or a schedule with the case', () => {
    const made: unknown[] = []
    const optimizer: OptimizerSpec = {
      ...spec,
      kind: 'optimizer',
      derivation: null,
      cases: [],
      create: (params, options) => {
        made.push(
          params.map(({ shape }) => shape),
          options,
        )
        throw new RangeError('lr is -1')
      },
    }
    expect(checkRefusal(optimizer, { name: 'd', options: { lr: -1 }, message: 'lr is -1' })).toBeNull()
    expect(made).toEqual([[[1]], { lr: -1 }])
    const schedule: ScheduleSpec = {
      ...spec,
      kind: 'schedule',
      derivation: null,
      cases: [],
      create: ({ name }) => {
        throw new RangeError(name)
      },
    }
    expect(checkRefusal(schedule, { name: 'e', message: 'e' })).toBeNull()
  })
})
