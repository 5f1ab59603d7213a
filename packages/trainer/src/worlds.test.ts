import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Format } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { version } from './version.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'handgrad-worlds-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A program that trains on 3 threads: it waits until it is known who works, and prints how many, and the losses. */
const program = (url: string | null, from: (name: string) => string): string => `
  import { Linear, Sequential } from '${from('layers')}'
  import { CrossEntropyLoss } from '${from('loss-optim')}'
  import { manualSeed, rand, tensor } from '${from('tensor')}'
  import { plannedStepper, setWorkerUrl } from '${from('trainer')}'
  const main = async () => {
    setWorkerUrl(${url})
    manualSeed(4)
    const stepper = plannedStepper(new Sequential(new Linear(6, 3)), new CrossEntropyLoss(), 3)
    const [x, y] = [rand([16, 6]), tensor(Int32Array.from({ length: 16 }, (_, i) => i % 3))]
    const losses = [stepper.train(x, y).loss]
    while (stepper.ready < stepper.threads - 1) await new Promise((resolve) => setTimeout(resolve, 5))
    losses.push(stepper.train(x, y).loss)
    console.log(stepper.threads, ...losses)
  }
  main()`
const source = (name: string): string => new URL(`../../${name}/src/index.ts`, import.meta.url).href
const named = (name: string): string => `@handgrad/${name}`

/** What node prints for these arguments. */
function node(...args: string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 })
  const [threads, ...losses] = stdout.trim().split(' ')
  return { threads, losses, status, warnings: stderr.split('\n').filter((line) => line !== '') }
}

/** A bundle of the program, and if asked for of the worker, as esbuild makes them for node. */
async function bundle(name: string, format: Format, url: string | null): Promise<string> {
  const outfile = join(folder, `${name}.${format === 'cjs' ? 'cjs' : 'mjs'}`)
  const options = { bundle: true, platform: 'node', format, logLevel: 'error' } as const
  const stdin = { contents: program(url, named), resolveDir: here }
  await build({ ...options, stdin, outfile, logOverride: { 'empty-import-meta': 'silent' } })
  return outfile
}

let losses: string[] = []
beforeAll(() => {
  const file = join(folder, 'plain.mjs')
  writeFileSync(file, program(null, source))
  losses = node(file).losses
})

test('a program in a file has its threads', () => {
  expect(node(join(folder, 'plain.mjs'))).toEqual({ threads: '3', losses, status: 0, warnings: [] })
  expect(losses.map(Number)).toEqual([expect.closeTo(1.26669302), Number(losses[0])])
})

test('a program from the command line has its threads', () => {
  for (const option of ['--input-type=module', '--input-type=module-typescript'])
    expect(node(option, '--eval', program(null, source))).toEqual({
      threads: '3',
      losses,
      status: 0,
      warnings: [],
    })
})

describe('training goes on without workers, to the same numbers, and says so once', () => {
  const once = (reason: string) => ({
    threads: '1',
    losses,
    status: 0,
    warnings: [expect.stringMatching(`^handgrad: a worker thread did not come up \\(${reason}`)],
  })

  test('where threads are not permitted', () => {
    const file = join(folder, 'plain.mjs')
    expect(node('--permission', '--allow-fs-read=*', file)).toEqual(
      once('Access to this API has been restricted'),
    )
    expect(node('--permission', '--allow-fs-read=*', '--allow-worker', file)).toMatchObject({
      threads: '3',
      losses,
    })
  })

  test.each(['esm', 'cjs'] as const)('in a bundle in one file: %s', async (format) => {
    expect(node(await bundle('one', format, null))).toEqual(
      once(format === 'esm' ? 'there is no file ' : 'Invalid URL'),
    )
  })
})

test('a bundle that is told where the worker is has its threads', async () => {
  await build({
    entryPoints: [join(here, '../../tensor/src/engine/worker.ts')],
    outfile: join(folder, 'worker.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
  })
  const file = await bundle('two', 'esm', "new URL('./worker.mjs', import.meta.url)")
  expect(node(file)).toEqual({ threads: '3', losses, status: 0, warnings: [] })
})

test('a worker that an older version left behind is done without', async () => {
  const { outputFiles } = await build({
    entryPoints: [join(here, '../../tensor/src/engine/worker.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
  })
  const older = outputFiles[0].text.replace(`version = "${version}"`, 'version = "0.0.7"')
  writeFileSync(join(folder, 'older.mjs'), older)
  const file = await bundle('three', 'esm', "new URL('./older.mjs', import.meta.url)")
  const reason = `its module is of version 0.0.7, the program is of ${version}`
  expect(node(file)).toMatchObject({ threads: '1', losses, warnings: [expect.stringContaining(reason)] })
})

test('the worker can be bundled in formats without an await at the top, and does not name itself', async () => {
  const { outputFiles } = await build({
    entryPoints: [join(here, '../../tensor/src/engine/worker.ts')],
    bundle: true,
    platform: 'browser',
    format: 'iife',
    write: false,
  })
  expect(outputFiles[0].text).toContain('messageerror')
  expect(outputFiles[0].text).not.toContain('new Worker(')
})
