import { Dropout } from '@handgrad/layers'
import { type DType, defaultGenerator, Generator, manualSeed, type Tensor, tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { linear, recordOf, relu, t } from './test/by-hand.ts'
import { as, Twin } from './twin.ts'

const state = { '0/state.0.weight': t([[1, -2]]), '0/state.0.bias': t([0.5]) }
const one = (more: Parameters<typeof recordOf>[0] = {}, tensors: Record<string, Tensor<DType>> = {}) =>
  recordOf({ model: [linear(2, 1)], ...more }, { ...state, ...tensors })

describe('a twin', () => {
  it('has the layers of the record by their names there, in the precision of the record unless told', () => {
    const record = recordOf({ model: [linear(2, 3), relu] })
    const { about } = record
    const named = {
      ...record,
      about: { ...about, model: [{ ...about.model[0], name: 'body.0' }, about.model[1]] },
    }
    const twin = new Twin(named)
    expect(twin.layers.map(([name, layer]) => [name, layer.describe()])).toEqual([
      ['body.0', 'Linear(2→3)'],
      ['1', 'ReLU()'],
    ])
    expect(twin.parameters.map(([name, { dtype }]) => [name, dtype])).toEqual([
      ['body.0.weight', 'float64'],
      ['body.0.bias', 'float64'],
    ])
    expect(new Twin(named, 'float32').parameters.map(([, { dtype }]) => dtype)).toEqual([
      'float32',
      'float32',
    ])
  })

  it('takes over the parameters before a step, and names what the record does not have', () => {
    const twin = new Twin(one())
    twin.restore(0)
    expect(twin.parameters.map(([name, { data }]) => [name, [...data]])).toEqual([
      ['0.weight', [1, -2]],
      ['0.bias', [0.5]],
    ])
    expect(() => twin.restore(1)).toThrow('the record has no 1/state.0.weight')
  })

  it('takes over what the optimizer keeps: momentum, by hand', () => {
    const momentum = { torch: 'SGD', options: { lr: 7, momentum: 0.5 } }
    const twin = new Twin(
      one(
        { optimizer: momentum },
        {
          '0/optimizer.0.momentum_buffer': t([[4, -8]]),
          '0/optimizer.1.momentum_buffer': t([2]),
          lr: t([0.25]),
          momentum: t([0.5]),
        },
      ),
    )
    twin.restore(0)
    for (const [, parameter] of twin.parameters)
      parameter.g = as(t(Array.from(parameter.data, () => 1)), 'float64').reshape(parameter.shape)
    const next = twin.step()
    // v = 0.5 · v + 1; w − 0.25 · v.
    expect(Object.entries(next).map(([name, { data }]) => [name, [...data]])).toEqual([
      ['next.0.weight', [1 - 0.25 * 3, -2 - 0.25 * -3]],
      ['next.0.bias', [0.5 - 0.25 * 2]],
    ])
  })

  it('follows a schedule: the rate and the momentum of each step, Adam’s first beta alone', () => {
    const series = { lr: t([0.5, 0.125]), momentum: t([0.9, 0.75]) }
    const sgd = new Twin(one({ optimizer: { torch: 'SGD', options: { lr: 1, momentum: 0.1 } } }, series))
    sgd.follow(1)
    expect(sgd.optimizer.options).toMatchObject({ lr: 0.125, momentum: 0.75 })
    const adam = new Twin(
      one({ optimizer: { torch: 'Adam', options: { lr: 1, betas: [0.1, 0.999] } } }, series),
    )
    adam.follow(0)
    expect(adam.optimizer.options).toMatchObject({ lr: 0.5, betas: [0.9, 0.999] })
  })

  it('sets the generator where the record has its states', () => {
    const states = [3, 4].map((seed) => {
      const generator = new Generator(seed)
      generator.random53()
      return generator.getState()
    })
    const rng = tensor(Uint8Array.from(states.flatMap((bytes) => [...bytes])), [2, states[0].length])
    const twin = new Twin(one({}, { rng, lr: t([1, 1]), momentum: t([0, 0]) }))
    manualSeed(9)
    for (const step of [0, 1]) {
      twin.follow(step)
      expect(defaultGenerator.getState()).toEqual(states[step])
    }
  })
})

describe('a pass', () => {
  it('gives every tensor on the way by PyTorch’s name, by hand', () => {
    const record = recordOf(
      { model: [linear(1, 2), relu] },
      { '0/state.0.weight': t([[2], [-1]]), '0/state.0.bias': t([0, 0]) },
    )
    const twin = new Twin(record)
    twin.restore(0)
    const run = () => twin.pass(t([[3]]), tensor(Int32Array.of(1)))
    const tensors = run()
    // y = [6, −3], ReLU gives [6, 0]; p = softmax.
    const p = 1 / (1 + Math.exp(-6))
    const expected: Record<string, readonly number[]> = {
      x: [3],
      'y.0': [6, -3],
      'y.1': [6, 0],
      loss: [Math.log(Math.exp(6) + 1)],
      'dy.1': [p, -p],
      'dy.0': [p, 0],
      dx: [2 * p],
      'p.0.weight': [2, -1],
      'd.0.weight': [3 * p, 0],
      'p.0.bias': [0, 0],
      'd.0.bias': [p, 0],
    }
    expect(Object.keys(tensors).sort()).toEqual(Object.keys(expected).sort())
    for (const [name, values] of Object.entries(expected)) {
      expect([...tensors[name].data], name).toEqual(values.map((value) => expect.closeTo(value, 12)))
    }
    // From zero each time; and the parameters are copies.
    expect(run()['d.0.weight'].data[0]).toBeCloseTo(3 * p, 12)
    twin.parameters[0][1].data[0] = 100
    expect(tensors['p.0.weight'].data[0]).toBe(2)
  })

  it('of one layer has the mask of the last pass', () => {
    const dropout = { torch: 'Dropout', args: { p: 0.5 } }
    const record = recordOf(
      { model: [dropout, linear(40, 2)] },
      { rng: tensor(new Generator(3).getState(), [1, new Generator(3).getState().length]) },
    )
    const twin = new Twin(record)
    twin.follow(0)
    const x = t([new Array(40).fill(1)])
    const { 'y.0': y } = twin.pass(x, tensor(Int32Array.of(0)))
    const [[, layer]] = twin.layers
    expect(layer).toBeInstanceOf(Dropout)
    const again = twin.passLayer(layer, x.clone(), (out) => out)
    expect(again.y.data).toEqual(y.data)
    expect(again.dx.data).toEqual(y.data.map((value) => 2 * value))
    expect(new Set(y.data)).toEqual(new Set([0, 2]))
  })
})

it('the same values in another precision', () => {
  const single = as(t([[0.1, 2]]), 'float32')
  expect([single.dtype, single.shape, [...single.data]]).toEqual(['float32', [1, 2], [Math.fround(0.1), 2]])
})
