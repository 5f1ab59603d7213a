import { type DType, type Tensor, tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { caseHash, caseTensors, errorTensors, expectedCase, fixtureOf, snakeCase } from './fixture.ts'
import { makeTensor } from './materialize.ts'
import type { ModuleSpec, OptimizerSpec, ScheduleSpec } from './spec.ts'
import { bench } from './test/bench.ts'

const { spec: affine } = bench({ cases: [] })
const shapesOf = (tensors: Record<string, Tensor<DType>>) =>
  Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]))

it('an option has the spelling of torch', () => {
  expect(['lr', 'ceilMode', 'labelSmoothing', 'divideByN'].map(snakeCase)).toEqual([
    'lr',
    'ceil_mode',
    'label_smoothing',
    'divide_by_n',
  ])
})

describe('the hash of a case', () => {
  const described = { name: 'a', torch: 'nn.X', args: [1], options: { p: 2 } }
  const tensors = { x: tensor([1, 2]), y: tensor([3]) }
  const hash = caseHash(described, tensors)

  it('is 16 digits, and the same each time, whatever the order of the tensors', () => {
    expect(hash).toMatch(/^[0-9a-f]{16}$/)
    expect(caseHash({ ...described }, { y: tensor([3]), x: tensor([1, 2]) })).toBe(hash)
  })

  it('is another one for each thing that decides the golden values', () => {
    const others = [
      caseHash({ ...described, args: [2] }, tensors),
      caseHash({ ...described, name: 'b' }, tensors),
      caseHash({ ...described, torch: 'nn.Y' }, tensors),
      caseHash({ ...described, options: { p: 3 } }, tensors),
      caseHash(described, { x: tensor([2, 1]), y: tensor([3]) }),
      caseHash(described, { x: tensor([1, 2]), y: tensor([-3]) }),
      caseHash(described, { z: tensor([1, 2]), y: tensor([3]) }),
      caseHash(described, { x: tensor([1, 2], [1, 2]), y: tensor([3]) }),
      caseHash(described, { x: tensor([1, 2], [2], { dtype: 'float64' }), y: tensor([3]) }),
      caseHash(described, { x: tensor([1, 2]) }),
      // A tensor that is a part of a longer buffer: its own bytes count.
      caseHash(described, { x: tensor([1, 2]), y: tensor([1 + 2 ** -23]) }),
    ]
    expect(new Set([hash, ...others]).size).toBe(1 + others.length)
    // Both halves take part.
    expect(new Set(others.map((other) => other.slice(0, 8))).size).toBe(others.length)
    expect(new Set(others.map((other) => other.slice(8))).size).toBe(others.length)
  })
})

describe('a module', () => {
  const spec: ModuleSpec = {
    ...affine,
    cases: [
      {
        name: 'all',
        args: [4, 3],
        options: { labelSmoothing: 0.5, weight: { tensor: 'w' } },
        tensors: { w: { shape: [3], fill: 'positive' } },
        inputs: { x: { shape: [2, 4] }, target: { shape: [2], fill: 'classes', classes: 3, dtype: 'int64' } },
        params: { bias: { fill: 'negative' } },
        upstream: { fill: 'ties' },
        mode: 'eval',
        seed: 7,
      },
      { name: 'plain', torch: 'nn.Other', inputs: { x: { shape: [5, 4] } } },
    ],
    errors: [
      { name: 'bad', inputs: { x: { shape: [2, 5] } }, message: 'no', torchAccepts: 'it broadcasts' },
      { name: 'worse', args: [-1], tensors: { w: { shape: [2] } }, message: /no/ },
    ],
  }
  const { file, tensors } = fixtureOf(spec)

  it('is described for Python: what it is made with, and how it is run', () => {
    expect(file).toMatchObject({ format: 1, kind: 'module' })
    expect(file.cases.map((item) => ({ ...item, hash: '' }))).toEqual([
      {
        name: 'all',
        torch: 'nn.Linear',
        args: [4, 3],
        options: { label_smoothing: 0.5, weight: { tensor: 'w' } },
        inputs: ['x', 'target'],
        mode: 'eval',
        seed: 7,
        hash: '',
      },
      { name: 'plain', torch: 'nn.Other', args: [], options: {}, inputs: ['x'], mode: 'train', hash: '' },
    ])
    expect(file.errors).toEqual([
      { name: 'bad', torch: 'nn.Linear', args: [], options: {}, inputs: ['x'], accepts: true },
      { name: 'worse', torch: 'nn.Linear', args: [-1], options: {}, accepts: false },
    ])
  })

  it('stores its tensors by case and name, each made from its own seed', () => {
    expect(shapesOf(tensors)).toEqual({
      'all/tensor.w': [3],
      'all/x': [2, 4],
      'all/target': [2],
      'all/param.weight': [3, 4],
      'all/param.bias': [3],
      'all/dy': [2, 3],
      'plain/x': [5, 4],
      'plain/param.weight': [3, 4],
      'plain/param.bias': [3],
      'plain/dy': [5, 3],
      'bad/x': [2, 5],
      'worse/tensor.w': [2],
    })
    expect(Math.max(...(tensors['all/param.bias'] as Tensor).data)).toBeLessThan(0)
    expect(Math.max(...(tensors['plain/param.weight'] as Tensor).data)).toBeGreaterThan(0)
    expect((tensors['all/dy'] as Tensor).data.every((value: number) => Number.isInteger(value))).toBe(true)
    expect(tensors['all/target'].dtype).toBe('int64')
    expect(tensors['all/x']).toEqual(makeTensor('Affine', 'all', 'x', { shape: [2, 4] }))
    expect(tensors['all/param.weight']).not.toEqual(tensors['plain/param.weight'])
    expect(errorTensors(spec, spec.errors[0])).toEqual({ x: tensors['bad/x'] })
  })

  it('has the hash of what is described and stored', () => {
    const [item] = spec.cases
    const { entry, tensors: own } = expectedCase(spec, item)
    const { hash, ...described } = entry
    expect(entry).toEqual(file.cases[0])
    expect(hash).toBe(caseHash(described, own))
  })
})

it('an optimizer has its parameters, and a gradient for each step that has one', () => {
  const spec: OptimizerSpec = {
    ...affine,
    kind: 'optimizer',
    derivation: null,
    create: () => ({ step() {} }),
    cases: [
      {
        name: 'two',
        options: { weightDecay: 0.1 },
        params: { w: { shape: [2, 3] }, b: { shape: [3] } },
        steps: 2,
        gradients: { fill: 'positive' },
        without: { b: [1] },
      },
    ],
  }
  const { file, tensors } = fixtureOf(spec)
  expect(file.cases).toMatchObject([{ options: { weight_decay: 0.1 }, params: ['w', 'b'], steps: 2 }])
  expect(shapesOf(tensors)).toEqual({
    'two/param.w': [2, 3],
    'two/grad.w.1': [2, 3],
    'two/grad.w.2': [2, 3],
    'two/param.b': [3],
    'two/grad.b.2': [3],
  })
  expect(Math.min(...(tensors['two/grad.w.2'] as Tensor).data)).toBeGreaterThan(0)
  expect(tensors['two/grad.w.1']).not.toEqual(tensors['two/grad.w.2'])
})

it('a schedule stores nothing, and is described with its optimizer', () => {
  const optimizer = { torch: 'optim.SGD', options: { weightDecay: 1 } }
  const spec: ScheduleSpec = {
    ...affine,
    kind: 'schedule',
    derivation: null,
    create: () => ({ step() {}, rates: () => ({ lr: 1 }) }),
    cases: [{ name: 'short', options: { stepSize: 3 }, optimizer, steps: 4 }],
    errors: [{ name: 'bad', optimizer, message: '' }],
  }
  const { file, tensors } = fixtureOf(spec)
  expect(tensors).toEqual({})
  expect(caseTensors(spec, spec.cases[0])).toEqual({})
  const forTorch = { torch: 'optim.SGD', options: { weight_decay: 1 } }
  expect(file.cases).toMatchObject([{ options: { step_size: 3 }, steps: 4, optimizer: forTorch }])
  expect(file.errors).toMatchObject([{ optimizer: forTorch, accepts: false }])
})
