import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import type { Catch } from './hunt.ts'

test('a hunt says which view noticed a mutant, where and how fast; one that none notices survives', () => {
  const folder = mkdtempSync(join(tmpdir(), 'handgrad-hunt-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const script = fileURLToPath(new URL('../../test/hunted/run.ts', import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, folder], { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const found = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Catch | string)
  const by = (mutant: string): Catch =>
    found.find((one) => typeof one !== 'string' && one.mutant === mutant) as Catch
  const base = { spec: 'Affine', backend: 'reference' }

  const sign = by('sign of dw')
  expect(sign).toMatchObject({ ...base, at: 'two' })
  expect(sign.message).toMatch(/^float32 on reference, dweight \[\d,\d\]: expected/)
  // At the first case and the one behind it, every view that there is.
  expect(sign.views).toEqual(['golden', 'differences', 'adjoint'])
  expect(sign.milliseconds).toBeGreaterThan(0)

  expect(by('nothing')).toMatchObject({ ...base, views: [], at: null, message: null })
  expect(by('assigned')).toMatchObject({ ...base, views: ['state'], at: 'two' })
  expect(by('assigned').message).toBe(
    'on reference, float32: a second bwd() did not add exactly once more to dweight',
  )
  expect(by('accepted')).toMatchObject({ ...base, views: ['error'], at: 'odd' })
  expect(by('accepted').message).toBe('on reference: accepted without an error')
  // Another mistake of the same name: not what was loaded for the first.
  expect(found.at(-1)).toMatchObject({
    ...base,
    mutant: 'nothing',
    at: 'two',
    views: expect.arrayContaining(['golden']),
  })
  // Another text in place of a generated module.
  expect(by('generated')).toMatchObject({ ...base, at: 'two', message: expect.stringContaining('threw') })
  expect(found.filter((one) => typeof one === 'string')).toEqual([
    "mutant 'gone' no longer applies: 'no such text' occurs 0 times in packages/gradcheck/src/test/layers.ts",
  ])
})
