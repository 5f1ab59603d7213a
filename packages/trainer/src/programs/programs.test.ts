import { afterAll, beforeAll, expect, test } from 'vitest'
import { codeOf } from './code.proof.ts'
import { compareNetwork } from './compare.proof.ts'
import { fixedSeeds } from './fixed.proof.ts'
import { networkOf } from './networks.proof.ts'
import { closePools, startPools } from './pools.proof.ts'

beforeAll(startPools, 120_000)
afterAll(closePools)

test('there are 500 networks', () => {
  expect(new Set(fixedSeeds).size).toBe(500)
})

test.each(fixedSeeds)('network %i', (seed) => {
  const network = networkOf(seed)
  const difference = compareNetwork(network)
  expect(difference, codeOf(network)).toBeNull()
})
