import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('the fixed networks take every branch of the kernels and of what writes programs down', {
  timeout: 300_000,
}, () => {
  const script = new URL('./branches.ts', import.meta.url)
  const { status, stdout, stderr } = spawnSync(process.execPath, [script.pathname], { encoding: 'utf8' })
  const missed = stdout.split('\n').filter((line) => /^packages\/.*:\d+ /.test(line))
  expect({ missed, stderr }).toEqual({ missed: [], stderr: '' })
  const [, taken, asked] = /^branches: (\d+) of (\d+) outcomes taken/m.exec(stdout) ?? []
  expect(Number(asked), stdout).toBeGreaterThan(800)
  expect({ status, taken }, stdout).toEqual({ status: 0, taken: asked })
})
