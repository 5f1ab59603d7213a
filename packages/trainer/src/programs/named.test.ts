import { afterAll, beforeAll, expect, test } from 'vitest'
import { codeOf } from './code.proof.ts'
import { compareNetwork } from './compare.proof.ts'
import { namedCases } from './named.proof.ts'
import { closePools, startPools } from './pools.proof.ts'

beforeAll(startPools, 120_000)
afterAll(closePools)

test.each(namedCases)('$name', ({ network }) => {
  expect(compareNetwork(network), codeOf(network)).toBeNull()
})

test('every case has a name of its own', () => {
  expect(new Set(namedCases.map(({ name }) => name)).size).toBe(namedCases.length)
})
