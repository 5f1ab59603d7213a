import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import type { ProofTotals } from '../packages/gradcheck/src/vitest/index.ts'

test('a part of the mutants and of the changed lines: none survives', { timeout: 300_000 }, ({ task }) => {
  const script = new URL('./mutants.ts', import.meta.url)
  const { status, stdout, stderr } = spawnSync(process.execPath, [script.pathname, '--quick'], {
    encoding: 'utf8',
  })
  const [, caught, all] = /^mutants: (\d+) of (\d+) caught \(100 %\)$/m.exec(stdout) ?? []
  expect({ status, stderr }, stdout).toEqual({ status: 0, stderr: '' })
  expect(Number(all), stdout).toBeGreaterThanOrEqual(30)
  task.meta.proof = { mutants: Number(caught) } satisfies ProofTotals
})
