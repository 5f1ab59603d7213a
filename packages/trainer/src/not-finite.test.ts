import { Flatten, Linear, ReLU, Sequential } from '@handgrad/layers'
import { tensor, useBackend, zeros } from '@handgrad/tensor'
import { beforeAll, describe, expect, it } from 'vitest'
import { badGradient, badParameter, firstBad, NotFiniteError } from './not-finite.ts'

beforeAll(() => useBackend('reference'))

/** Twelve layers, of which 0, 9, 10 and 11 have parameters: their numbers have one digit and two. */
function deep(): Sequential {
  const between = Array.from({ length: 8 }, () => new ReLU())
  return new Sequential(new Linear(2, 2), ...between, new Linear(2, 2), new Linear(2, 2), new Linear(2, 3))
}

describe('a parameter that is not finite', () => {
  it.each([
    ['0.weight', '0.weight of layer 0, Linear(2→2)'],
    ['9.bias', '9.bias of layer 9, Linear(2→2)'],
    ['10.weight', '10.weight of layer 10, Linear(2→2)'],
    ['11.bias', '11.bias of layer 11, Linear(2→3)'],
  ])('%s', (name, words) => {
    const net = deep()
    expect(badParameter(net)).toBeNull()
    const parameters = new Map(net.namedParameters())
    parameters.get(name)!.data[1] = Number.NaN
    expect(badParameter(net)).toBe(words)
    parameters.get('0.bias')!.data[0] = Infinity
    // The one nearest to the loss.
    expect(badParameter(net)).toBe(name === '0.weight' ? '0.bias of layer 0, Linear(2→2)' : words)
  })
})

describe('a gradient that is not finite', () => {
  const gradients = (weights: number, bias: number): Sequential => {
    const net = new Sequential(new Linear(1, weights), new Linear(weights, 2, { bias: false }))
    for (const parameter of net.parameters()) parameter.g = zeros(parameter.shape)
    const [weight, own] = net.parameters()
    weight.g!.data.fill(Number.NaN)
    own.g!.data.fill(bias)
    return net
  }

  it('is looked for where a small one is not finite: up to 1024 elements', () => {
    expect(badGradient(gradients(1024, 0))).toBe('the gradient of 0.weight of layer 0, Linear(1→1024)')
    expect(badGradient(gradients(1025, 0))).toBeNull()
    expect(badGradient(gradients(1023, 0))).not.toBeNull()
  })

  it('of several, the one nearest to the loss; none at all is none that is wrong', () => {
    const net = deep()
    expect(badGradient(net)).toBeNull()
    for (const [name, parameter] of net.namedParameters()) {
      parameter.g = zeros(parameter.shape)
      if (['0.bias', '10.weight'].includes(name)) parameter.g.data[0] = -Infinity
    }
    expect(badGradient(net)).toBe('the gradient of 10.weight of layer 10, Linear(2→2)')
  })
})

describe('the first tensor that is not finite on the way', () => {
  const net = (): Sequential => {
    const made = new Sequential(new Flatten(), new Linear(2, 2), new ReLU(), new Linear(2, 1))
    for (const parameter of made.parameters()) parameter.data.fill(1)
    return made
  }

  it('is a parameter, the images, an output, or the loss itself', () => {
    const x = tensor([1, 2], [1, 1, 2])
    const spoilt = net()
    spoilt.parameters()[3].data[0] = Number.NaN
    expect(firstBad(spoilt, x)).toBe('3.bias of layer 3, Linear(2→1)')
    expect(firstBad(net(), tensor([1, Infinity], [1, 1, 2]))).toBe('the images')
    const large = net()
    large.parameters()[0].data.fill(3e38)
    expect(firstBad(large, tensor([1, 1], [1, 1, 2]))).toBe('the output of layer 1, Linear(2→2)')
    large.parameters()[0].data.fill(1e38)
    large.parameters()[2].data.fill(1e3)
    expect(firstBad(large, tensor([1, 1], [1, 1, 2]))).toBe('the output of layer 3, Linear(2→1)')
    expect(firstBad(net(), x)).toBe('the loss itself')
  })
})

it('has a name of its own', () => {
  expect(new NotFiniteError('x')).toMatchObject({ name: 'NotFiniteError', message: 'x' })
  expect(String(new NotFiniteError('x'))).toBe('NotFiniteError: x')
})
