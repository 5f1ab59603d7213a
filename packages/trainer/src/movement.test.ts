import { Linear, Sequential } from '@handgrad/layers'
import { tensor, zeros } from '@handgrad/tensor'
import { expect, test } from 'vitest'
import { Movement } from './movement.ts'

/** Two layers; each parameter has a gradient of 0. */
function network(): Sequential {
  const net = new Sequential(new Linear(2, 2), new Linear(2, 1))
  for (const parameter of net.parameters()) parameter.g = zeros(parameter.shape)
  return net
}
const all = ['0.weight', '0.bias', '1.weight', '1.bias']

test('what has moved once, or had a gradient once, is not said of an epoch', () => {
  const net = network()
  const [weight, bias, second] = net.parameters()
  const movement = new Movement(net)
  expect(movement.stalled).toEqual({ zeroGradient: all, unmoved: all })
  weight.g!.data[3] = 1e-30
  movement.beforeStep()
  weight.data[3] += 1
  bias.data[0] = -0
  movement.afterStep()
  const moved = bias.data[0] === 0 && Object.is(bias.data[0], -0)
  expect(moved).toBe(true)
  expect(movement.stalled).toEqual({ zeroGradient: all.slice(1), unmoved: all.slice(2) })
  // What moves between two steps has not been moved by one.
  second.data[0] += 1
  movement.beforeStep()
  movement.afterStep()
  expect(movement.stalled.unmoved).toEqual(all.slice(2))
  second.data[0] += 1
  movement.afterStep()
  expect(movement.stalled.unmoved).toEqual(all.slice(2))
})

test('frozen parameters are not among them; a gradient that is not there is none', () => {
  const net = network()
  const [weight, , , last] = net.parameters()
  weight.requiresGrad = false
  last.g = null
  const movement = new Movement(net)
  movement.beforeStep()
  movement.afterStep()
  expect(movement.stalled).toEqual({ zeroGradient: all.slice(1), unmoved: all.slice(1) })
})

test('goes on from what was saved, with the parameters that there are', () => {
  const net = network()
  net.parameters()[2].g = tensor([[1, 1]])
  const movement = new Movement(net, { zeroGradient: ['1.weight', 'gone'], unmoved: ['1.bias'] })
  expect(movement.stalled).toEqual({ zeroGradient: ['1.weight'], unmoved: ['1.bias'] })
  movement.beforeStep()
  expect(movement.stalled.zeroGradient).toEqual([])
})
