import { readFileSync } from 'node:fs'
import { readSafetensors } from '@handgrad/tensor'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeOf } from './code.proof.ts'
import { compareNetwork } from './compare.proof.ts'
import { expectedOf } from './expected.proof.ts'
import { entryOf, goldenCases, tensorsOf, withGoldens } from './goldens.proof.ts'
import { closePools, startPools } from './pools.proof.ts'

const folder = new URL('../../../../fixtures/programs/', import.meta.url)
const read = (name: string): Buffer => readFileSync(new URL(name, folder))
const stored = JSON.parse(read('cases.json').toString()) as { cases: object[] }
const inputs = readSafetensors(read('inputs.safetensors')).tensors
const { tensors, metadata } = readSafetensors(read('golden.safetensors'))
const hashes = JSON.parse(metadata?.hashes ?? '{}') as Record<string, string>

beforeAll(startPools, 120_000)
afterAll(closePools)

const largest = (values: Float64Array): number => Math.max(...values.map(Math.abs))

test('there are twelve, and PyTorch computed these very networks', () => {
  expect(goldenCases).toHaveLength(12)
  expect(stored.cases, 'run `pnpm fixtures:programs`').toEqual(goldenCases.map(entryOf))
  expect(Object.keys(hashes)).toHaveLength(12)
  for (const golden of goldenCases) {
    expect(hashes[golden.name], 'run `pnpm fixtures:programs`').toBe(JSON.stringify(golden.network))
    for (const [key, value] of Object.entries(tensorsOf(golden)))
      expect(inputs[`${golden.name}/${key}`]).toEqual(value)
  }
})

describe.each(goldenCases)('$name', ({ name, network }) => {
  const ours = expectedOf(network)
  const theirs = withGoldens(ours, name, tensors)

  test('float64: loss and gradients are those of PyTorch', () => {
    const [own, golden] = [ours.batches[0].train, theirs.batches[0].train]
    for (const [i, range] of [golden.loss, ...golden.gradients].entries()) {
      const came = [own.loss, ...own.gradients][i]
      // Sums of thousands of terms in another order.
      const allowed = 1e-12 * largest(range.values)
      const apart = largest(came.values.map((value, at) => value - range.values[at]))
      expect(apart, `${range.name} of ${codeOf(network)}`).toBeLessThanOrEqual(allowed)
    }
  })

  test.each(['reference', 'simd', 'simd-plain'] as const)('%s gives them in every way', (backend) => {
    expect(compareNetwork(network, { expected: theirs, backends: [backend] }), codeOf(network)).toBeNull()
  })
})
