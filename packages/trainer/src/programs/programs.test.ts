import { afterAll, beforeAll, expect, test } from 'vitest'
import { codeOf } from './code.proof.ts'
import { compareNetwork } from './compare.proof.ts'
import { expectedOf, testsInput } from './expected.proof.ts'
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

let [compared, sure] = [0, 0]

test.each([...fixedSeeds, ...fixedLines])('network %i', (seed) => {
  const network = networkOf(seed)
  const expected = expectedOf(network)
  const difference = compareNetwork(network, { expected })
  expect(difference, codeOf(network)).toBeNull()
  compared++
  if (testsInput(expected)) sure++
})

test('three of four have a gradient of x that is neither 0 nor lost in its bounds', () => {
  expect(sure).toBeGreaterThanOrEqual(0.75 * compared)
})
