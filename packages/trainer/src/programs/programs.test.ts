import { afterAll, beforeAll, expect, test } from 'vitest'
import { codeOf } from './code.proof.ts'
import { compareNetwork } from './compare.proof.ts'
import { fixedLines, fixedSeeds } from './fixed.proof.ts'
import { networkOf } from './networks.proof.ts'
import { closePools, startPools } from './pools.proof.ts'

beforeAll(startPools, 120_000)
afterAll(closePools)

test('there are 500 networks', () => {
  expect(new Set(fixedSeeds).size).toBe(500)
})

test('and 50 of lines, most with a convolution', () => {
  expect(new Set(fixedLines).size).toBe(50)
  const convolved = fixedLines.filter((seed) => JSON.stringify(networkOf(seed)).includes('"Conv1d"'))
  expect(convolved.length).toBeGreaterThanOrEqual(30)
})

test.each([...fixedSeeds, ...fixedLines])('network %i', (seed) => {
  const network = networkOf(seed)
  const difference = compareNetwork(network)
  expect(difference, codeOf(network)).toBeNull()
})
