import { kernelPlan } from '@handgrad/layers'
import { useBackend } from '@handgrad/tensor'
import { afterEach, expect, test } from 'vitest'
import { build } from './build.proof.ts'
import { fixedSeeds } from './fixed.proof.ts'
import { networkOf } from './networks.proof.ts'

afterEach(() => useBackend('simd'))

test('kernelPlan names every layer of a network, and on reference no kernel', () => {
  for (const network of fixedSeeds.slice(0, 100).map(networkOf)) {
    const net = build(network)
    const shape = [network.batches[0], ...network.sample]
    const layers = net.flat().map((layer) => layer.describe())
    useBackend('simd')
    const plan = kernelPlan(net, shape)
    expect(plan.map(({ layer }) => layer)).toEqual(layers)
    expect(plan.every(({ kernel }) => kernel.length > 0)).toBe(true)
    useBackend('reference')
    expect(kernelPlan(net, shape).map(({ kernel }) => kernel)).toEqual(layers.map(() => 'reference'))
  }
})
