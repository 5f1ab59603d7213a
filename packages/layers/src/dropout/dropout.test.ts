import { backends, Generator, ones, type Tensor, useBackend } from '@handgrad/tensor'
import { afterAll, describe, expect, test } from 'vitest'
import { Linear, Sequential } from '../index.ts'
import { Dropout } from './dropout.ts'

afterAll(() => useBackend('reference'))

const zerosOf = ({ data }: Tensor): number => data.filter((value) => value === 0).length

describe.each(backends())('on %s', (backend) => {
  test('p = 0, p = 1 and evaluation draw nothing: what is drawn behind them is as without', () => {
    useBackend(backend)
    for (const p of [0, 1, 0.5]) {
      const generator = new Generator(7)
      const before = generator.getState()
      const layer = new Dropout(p, { generator })
      const behind = new Linear(64, 2)
      for (const net of [layer, new Sequential(layer), new Sequential(layer, behind)]) {
        net.train(p !== 0.5)
        net.forward(ones([3, 64]))
        expect(generator.getState()).toEqual(before)
      }
      layer.train(true)
      layer.forward(ones([3, 64]))
      expect(generator.getState().some((byte, i) => byte !== before[i])).toBe(p === 0.5)
    }
  })

  test('a network whose mode changes between passes over one shape drops in training alone', () => {
    useBackend(backend)
    const layer = new Dropout(0.5, { generator: new Generator(1) })
    const net = new Sequential(layer, new Linear(64, 64, { bias: false }))
    net.layers[1].parameters()[0].data.fill(0)
    for (let i = 0; i < 64; i++) net.layers[1].parameters()[0].data[65 * i] = 1
    const shares = [true, false, true, false].map((training) => {
      net.train(training)
      return zerosOf(net.forward(ones([8, 64]))) / 512
    })
    expect(shares[1]).toBe(0)
    expect(shares[3]).toBe(0)
    for (const share of [shares[0], shares[2]]) expect(Math.abs(share - 0.5)).toBeLessThan(0.15)
  })
})

test('the output of whole numbers is refused before there is one', () => {
  expect(() => new Dropout().outputShape([2, 3], 'int32' as never)).toThrow('int32')
  expect(new Dropout().outputShape([2, 3])).toEqual([2, 3])
})
