import { expect, onTestFinished, test } from 'vitest'
import { Program } from './program.ts'

const serve = new URL('./serve.ts', import.meta.url).href

/** A program that is measured, its steps made by `make`. */
function program(make: string): Program {
  const code = `import { serve } from ${JSON.stringify(serve)}; let steps = 0; await serve(${make})`
  const made = new Program({ command: process.execPath, args: ['--input-type=module', '-e', code] })
  onTestFinished(() => made.stop())
  return made
}

const prepare = { network: 'mlp', mode: 'train', batch: 32, threads: [1, 2] } as const
const PATIENCE = 30_000

test('a measurement has whole steps of the batch that was prepared, for as long as it was told', async () => {
  const served = program(
    '({ batch }, threads) => () => new Promise((done) => setTimeout(done, batch === 32 && threads === 2 ? 20 : 5))',
  )
  const { step } = await served.ask({ prepare }, PATIENCE)
  // The slowest of both, warm.
  expect(step).toBeGreaterThan(0.018)
  const measured = await served.ask({ run: { threads: 2, milliseconds: 100 } }, PATIENCE)
  expect(measured.images! % 32).toBe(0)
  expect(measured.seconds).toBeGreaterThanOrEqual(0.1)
  expect(measured.images! / 32).toBeLessThanOrEqual(measured.seconds! / 0.018)
  expect(measured.images! / 32).toBeGreaterThanOrEqual(1)
  const one = await served.ask({ run: { threads: 1, milliseconds: 0 } }, PATIENCE)
  expect(one.images).toBe(32)
})

test('what cannot be made, or was not prepared, is refused; the program goes on', async () => {
  const served = program(
    "({ network }) => { if (network === 'wide') throw new Error('too wide'); return () => {} }",
  )
  await expect(served.ask({ run: { threads: 1, milliseconds: 1 } }, PATIENCE)).rejects.toThrow(
    'nothing is prepared for 1 threads',
  )
  await expect(served.ask({ prepare: { ...prepare, network: 'wide' } }, PATIENCE)).rejects.toThrow('too wide')
  expect((await served.ask({ prepare: { ...prepare, threads: [1] } }, PATIENCE)).step).toBeLessThan(0.01)
  await expect(served.ask({ run: { threads: 2, milliseconds: 1 } }, PATIENCE)).rejects.toThrow(
    'nothing is prepared for 2 threads',
  )
})
