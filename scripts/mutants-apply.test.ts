import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { applyMutant, loadSpec, specPlaces } from '../packages/gradcheck/src/node/index.ts'

const root = pathToFileURL(`${dirname(import.meta.dirname)}/`)
const found = await Promise.all(specPlaces(root).map((place) => loadSpec(place, root)))

describe.each(found.map(({ spec }) => [spec.name, spec.mutants] as const))('the mutants of %s', (_, mutants) => {
  test('apply, each to its file, and have names of their own', () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
    for (const mutant of mutants) {
      const source = readFileSync(new URL(mutant.file, root), 'utf8')
      expect(applyMutant(mutant, source)).not.toBe(source)
    }
  })
})
