import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { repository } from '../repository.ts'
import { documentationOf, entries } from './documented.ts'
import type { Results } from './results.ts'

const { libraries } = JSON.parse(
  readFileSync(new URL('bench/conformance/results.json', repository), 'utf8'),
) as Results
const differences = Object.entries(libraries).flatMap(([column, { cells }]) =>
  Object.entries(cells).flatMap(([row, { verdict }]) => (verdict === 'other' ? [{ column, row }] : [])),
)

describe('whether a library documents a difference', () => {
  it('was looked for in every one of the table', () => {
    expect(differences.length).toBeGreaterThan(50)
    const missing = differences.filter(({ column, row }) => documentationOf(column, row) === undefined)
    expect(missing).toEqual([])
  })

  it('is said of differences alone, and once', () => {
    for (const { library, rows } of entries) {
      for (const row of rows) {
        const seen = differences.some((one) => one.column.startsWith(library) && one.row === row)
        expect(seen, `${library}: ${row}`).toBe(true)
        const same = entries.filter((one) => one.library === library && one.rows.includes(row))
        expect(same.length, `${library}: ${row}`).toBe(1)
      }
    }
  })

  it('is an address with what stands there, or what was looked for', () => {
    expect(documentationOf('Keras + TensorFlow', 'adam-epsilon')).toMatchObject({
      page: 'https://keras.io/2/api/optimizers/adam',
    })
    expect(documentationOf('jax-js', 'layer-norm')).toMatchObject({
      lookedFor: expect.stringContaining('nn.standardize'),
    })
    expect(documentationOf('JAX + flax', 'layer-norm')).toHaveProperty('page')
    expect(documentationOf('JAX + flax', 'pool-ties')).toBeUndefined()
    for (const { found } of entries) {
      if ('page' in found)
        expect([found.page, found.says]).toEqual([expect.stringMatching(/^https:\/\//), expect.any(String)])
      else expect(found.lookedFor.length).toBeGreaterThan(20)
    }
  })
})
