import { type DType, defaultGenerator, manualSeed, type Tensor, tensor, zeros } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { caseTensors } from './fixture.ts'
import { cast, resolveArgs, resolveOptions } from './materialize.ts'
import { openModule, parametersOf, runModule } from './module.ts'
import type { Checkable, ModuleCase, ModuleSpec } from './spec.ts'
import { bench } from './test/bench.ts'
import { relu } from './test/layers.ts'

const { spec } = bench({ cases: [] })
const item: ModuleCase = { name: 'a', inputs: { x: { shape: [2, 4] } } }
const stored = caseTensors(spec, item)

describe('a module that is opened', () => {
  it.each(['float32', 'float64'] as const)(
    'in %s has the stored parameters and inputs, as copies',
    (dtype) => {
      const { module, inputs, differentiable } = openModule(spec, item, stored, dtype)
      expect(Object.keys(differentiable)).toEqual(['x', 'weight', 'bias'])
      for (const [name, t] of Object.entries(differentiable)) {
        const original = stored[name === 'x' ? 'x' : `param.${name}`]
        expect([t.dtype, Array.from(t.data)], name).toEqual([dtype, Array.from(original.data, Number)])
        expect(t.data).not.toBe(original.data)
      }
      expect(inputs).toEqual([differentiable.x])
      expect(parametersOf(module)).toEqual({ weight: differentiable.weight, bias: differentiable.bias })
    },
  )

  it('is in training mode, or out of it where the case says so', () => {
    const modes: string[] = []
    const layer = { ...relu(), train: () => modes.push('train'), eval: () => modes.push('eval') }
    const own: ModuleSpec = { ...spec, create: () => layer, ownDtype: false }
    openModule(own, item, stored, 'float32')
    openModule(own, { ...item, mode: 'eval' }, stored, 'float32')
    openModule(own, { ...item, mode: 'train' }, stored, 'float32')
    expect(modes).toEqual(['train', 'eval', 'train'])
  })

  it('is told its dtype where it has one of its own, and gets option tensors in it', () => {
    const given: unknown[] = []
    const create: ModuleSpec['create'] = (args, options) => {
      given.push([
        args,
        Object.fromEntries(Object.entries(options).map(([key, value]) => [key, value.dtype ?? value])),
      ])
      return relu()
    }
    const with_: ModuleCase = {
      ...item,
      args: [3, { tensor: 'w' }],
      options: { bias: true, gain: { tensor: 'w' } },
      tensors: { w: { shape: [2] } },
    }
    const tensors = { ...stored, 'tensor.w': tensor([1, 2]) }
    for (const ownDtype of [true, false])
      for (const dtype of ['float32', 'float64'] as const)
        openModule({ ...spec, create, ownDtype }, with_, tensors, dtype)
    expect(given.map((one) => (one as unknown[])[1])).toEqual([
      { bias: true, gain: 'float32' },
      { bias: true, gain: 'float64', dtype: 'float64' },
      { bias: true, gain: 'float32' },
      { bias: true, gain: 'float64' },
    ])
    const [[args]] = given as [[[number, Tensor]]]
    expect([args[0], args[1].shape]).toEqual([3, [2]])
  })

  it('draws from the case’s seed in each pass, and goes on drawing where it has none', () => {
    const draws: number[] = []
    const create = (): Checkable => ({
      forward: (x) => (draws.push(defaultGenerator.random53()), x as Tensor),
      bwd() {},
    })
    const own: ModuleSpec = { ...spec, create, ownDtype: false }
    manualSeed(1)
    const seeded = openModule(own, { ...item, seed: 5 }, stored, 'float32')
    seeded.forward()
    seeded.forward()
    const free = openModule(own, item, stored, 'float32')
    free.forward()
    free.forward()
    expect(draws[0]).toBe(draws[1])
    expect(new Set(draws).size).toBe(3)
  })
})

describe('a pass', () => {
  it('gives the output, each gradient and each buffer', () => {
    const open = openModule(spec, item, stored, 'float32')
    const count = zeros([1])
    open.module.namedBuffers = () => [['count', count]]
    const result = runModule(open, stored.dy)
    expect(Object.keys(result)).toEqual(['y', 'dx', 'dweight', 'dbias', 'buffer.count'])
    expect(result['buffer.count']).toBe(count)
    expect(result.dweight).toBe(open.differentiable.weight.g)
    expect(Array.from(result.y.g!.data)).toEqual(Array.from(stored.dy.data, Number))
  })

  it('names the gradient that is missing', () => {
    const open = openModule(spec, item, stored, 'float32')
    open.module.bwd = () => {}
    expect(() => runModule(open, stored.dy)).toThrow(new Error('bwd() left x.g null'))
  })
})

describe('what a case names', () => {
  it('is put in place of arguments and options', () => {
    const w = tensor([1])
    const tensors: Record<string, Tensor<DType>> = { w }
    expect(resolveArgs([1, null, 'a', [2, 3], { tensor: 'w' }], tensors)).toEqual([1, null, 'a', [2, 3], w])
    expect(resolveArgs()).toEqual([])
    expect(resolveOptions({ a: 1, b: { tensor: 'w' } }, tensors)).toEqual({ a: 1, b: w })
    expect(() => resolveArgs([{ tensor: 'v' }], tensors)).toThrow(
      new RangeError("the case has no tensor 'v'"),
    )
    const part = { module: 'nn.ReLU' }
    expect(resolveArgs([part], tensors)[0]).toBe(part)
  })

  it('is cast where it is floating-point, and copied in any case', () => {
    const [single, whole] = [tensor([0.1]), tensor(Int32Array.of(3))]
    const [wide, same, kept] = [cast(single, 'float64'), cast(single, 'float32'), cast(whole, 'float64')]
    expect([wide.dtype, wide.data[0]]).toEqual(['float64', Math.fround(0.1)])
    expect(same).toEqual(single)
    expect(same.data).not.toBe(single.data)
    expect([kept.dtype, kept.data[0]]).toEqual(['int32', 3])
    expect(kept.data).not.toBe(whole.data)
  })
})
