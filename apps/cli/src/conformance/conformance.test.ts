import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadedCases, packSources } from '@handgrad/gradcheck/node'
import { describe, expect, it } from 'vitest'
import { repository } from '../repository.ts'
import { temporaryFolder } from '../test/handgrad.ts'
import { behaviours } from './behaviours.ts'
import { type Cell, cellOf, steadyCell } from './compare.ts'
import { Asked, libraries } from './library.ts'
import { numbers, questionOf, sent } from './question.ts'
import type { Results } from './results.ts'
import { evenly } from './run.ts'

const rows = behaviours()
const row = (id: string) => rows.find((one) => one.id === id)!
const outputs = (id: string): Record<string, number[]> =>
  Object.fromEntries(
    Object.entries(row(id).reference.outputs).map(([name, tensor]) => [name, numbers(tensor)]),
  )
const saved = JSON.parse(
  readFileSync(new URL('bench/conformance/results.json', repository), 'utf8'),
) as Results

describe('what PyTorch gives', () => {
  it.each<[string, Record<string, number[]>]>([
    ['relu-zero', { y: [0], dx: [0] }],
    ['relu-nan', { y: [NaN], dx: [1] }],
    ['abs-zero', { y: [0], dx: [0] }],
    ['maximum-x-0', { y: [0], dx: [0.5] }],
    ['max-ties', { y: [2], dx: [0.5, 0.5, 0] }],
    ['pool-ties', { y: [1], dx: [1, 0, 0, 0] }],
    ['pool-zeros', { y: [-0], dx: [0, 1, 0, 0] }],
    ['pool-negative', { y: [-1, -2], dx: [0, 1, 0, 0, 0, 0, 0, 2] }],
    ['pool-nans', { y: [NaN], dx: [0, 0, 1, 0] }],
    ['pool-infinity', { y: [-Infinity], dx: [1, 0, 0, 0] }],
    ['pool-ceil', { y: [4, 9, 7, 5], dx: [0, 0, 2, 0, 1, 0, 3, 0, 4] }],
    ['pool-ceil-padding', { y: [5], dx: [1] }],
    ['average-excluded', { y: [2.5, 2.5, 2.5, 2.5], dx: [1, 1, 1, 1] }],
    ['conv-same', { y: [21, 32, 3], dx: [1, 11, 11], dweight: [6, 5] }],
    ['sgd-momentum', { 'weight.1': [0.9], 'weight.2': [0.71] }],
    ['loss-large', { y: [2000], dx: [1, -1] }],
  ])('%s, worked out by hand', (id, expected) => {
    const found = outputs(id)
    expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort())
    for (const [name, values] of Object.entries(expected)) {
      expect(found[name].map((x) => (x === 0 ? 0 : x))).toEqual(values.map((x) => (x === 0 ? 0 : x)))
    }
  })

  it('is a tenth of label smoothing spread over three classes', () => {
    const log = Math.log(Math.E + 1 + 1 / Math.E)
    const { y } = outputs('loss-smoothing')
    expect(y[0]).toBeCloseTo(log - 0.9 - 0.1 * ((1 + 0 - 1) / 3), 12)
  })

  it('comes of a golden case that there is, or of a documented sentence', async () => {
    const sources = await packSources(repository)
    const known = sources.flatMap(({ folder, fixture }) =>
      fixture.file.cases.map(({ name }) => `${folder}/${name}`),
    )
    for (const { id, reference } of rows) {
      if ('golden' in reference.by) expect(known, id).toContain(reference.by.golden)
      else expect(reference.by.documented.length, id).toBeGreaterThan(10)
    }
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
  })
})

describe('a cell', () => {
  const reply = (y: readonly (number | string)[], shape = [1]) => ({ outputs: { y: { shape, data: y } } })
  it('is the same within a few roundings of float32', () => {
    expect(cellOf(row('gelu'), reply([0.8413447]))).toEqual({
      verdict: 'same',
      outputs: { y: { shape: [1], data: [0.841345] } },
    })
    expect(cellOf(row('gelu'), reply([0.84135])).verdict).toBe('other')
    expect(cellOf(row('gelu'), reply([0.8413447], [1, 1])).verdict).toBe('other')
    expect(cellOf(row('relu-nan'), reply(['NaN'])).verdict).toBe('same')
    expect(cellOf(row('relu-zero'), reply(['-0'])).verdict).toBe('same')
    expect(cellOf(row('pool-infinity'), reply(['Infinity'], [1, 1, 1, 1])).verdict).toBe('other')
  })

  it('is the library’s own words where it gives nothing', () => {
    expect(cellOf(row('gelu'), { notOffered: 'no gelu' })).toEqual({
      verdict: 'not offered',
      says: 'no gelu',
    })
    expect(cellOf(row('gelu'), { error: 'x' })).toEqual({ verdict: 'error', says: 'x' })
    expect(cellOf(row('gelu'), { outputs: {} }).verdict).toBe('error')
  })

  it('of dropout is what a kept element has become', () => {
    const data = [0, 4 / 3, 0]
    expect(cellOf(row('dropout-scale'), reply(data, [3])).verdict).toBe('same')
    expect(cellOf(row('dropout-scale'), reply([0, 1, 0], [3])).verdict).toBe('other')
  })

  it('says what varies from one call to the next', () => {
    const cell = (data: readonly number[]): Cell => ({
      verdict: 'other',
      outputs: { y: { shape: [2], data } },
    })
    expect(steadyCell(cell([1, 2]), cell([1, 3]))).toEqual({
      verdict: 'other',
      outputs: { y: { shape: [2], data: [1, 'varies'] } },
    })
    expect(steadyCell(cell([1, 2]), cell([1, 2]))).toEqual(cell([1, 2]))
  })
})

describe('a golden case as a question', () => {
  it('has the options of torch, whole', async () => {
    const [pooling] = await packSources(repository, { folders: ['max-pool2d'] })
    const own = {
      ...pooling,
      fixture: {
        ...pooling.fixture,
        file: {
          ...pooling.fixture.file,
          cases: pooling.fixture.file.cases.filter(({ name }) => ['ceil-all', 'one-cell'].includes(name)),
        },
      },
    }
    const [one, all] = loadedCases(own, ['float32']).map(questionOf)
    expect(one).toMatchObject({
      op: 'maxPool2d',
      options: { kernelSize: [1, 1], stride: [1, 1], padding: [0, 0], dilation: [1, 1], ceilMode: false },
    })
    expect(all?.options).toEqual({
      kernelSize: [3, 4],
      stride: [2, 3],
      padding: [1, 2],
      dilation: [2, 1],
      ceilMode: true,
    })
    expect(Object.keys(all!.tensors)).toEqual(expect.arrayContaining(['x', 'dy']))
  })

  it('sends what JSON has not as words', () => {
    const x = { shape: [5], data: Float32Array.of(NaN, Infinity, -Infinity, -0, 1.5) }
    expect(sent(x).data).toEqual(['NaN', 'Infinity', '-Infinity', '-0', 1.5])
    expect(numbers(sent(x))).toEqual([NaN, Infinity, -Infinity, -0, 1.5])
  })
})

describe('conventions', () => {
  it.each<[string, Record<string, number[]>]>([
    ['sgd-rates', { 'weight.1': [0.9], 'weight.2': [0.881] }],
    ['batch-norm-momentum', { 'buffer.running_mean': [9] }],
    ['weight-layout', { dense: [3, 2], convolution: [6, 5, 3, 4] }],
    ['initial-weights', { weight: [1], bias: [1] }],
  ])('%s, worked out by hand', (id, expected) => {
    const found = outputs(id)
    expect(Object.keys(found)).toEqual(Object.keys(expected))
    for (const [name, values] of Object.entries(expected))
      values.forEach((value, i) => expect(found[name][i]).toBeCloseTo(value, 14))
  })

  it('one-cycle begins at a 25th and ends at a 250000th, in its last step', () => {
    const { lr } = outputs('one-cycle')
    expect(lr.length).toBe(5)
    expect(lr[0]).toBeCloseTo(1 / 25, 14)
    expect(lr[4]).toBeCloseTo(1 / 25 / 1e4, 14)
    expect(outputs('gelu-default')).toEqual(outputs('gelu'))
  })

  it('what is drawn is told in two digits', () => {
    const cell = (weight: number) =>
      cellOf(row('initial-weights'), {
        outputs: { weight: { shape: [], data: [weight] }, bias: { shape: [], data: [0.996] } },
      })
    expect(cell(0.9999)).toMatchObject({
      verdict: 'same',
      outputs: { weight: { data: [1] }, bias: { data: [1] } },
    })
    expect(cell(2.2649)).toMatchObject({ verdict: 'other', outputs: { weight: { data: [2.3] } } })
    expect(cell(1.07).verdict).toBe('other')
  })
})

describe('a library that is asked', () => {
  it('is asked so many cases of each folder, evenly', () => {
    const all = ['a0', 'b0', 'a1', 'a2', 'a3', 'a4', 'a5', 'b1']
    expect(evenly(all, ([folder]) => folder, 3)).toEqual(['a0', 'a2', 'a4', 'b0', 'b1'])
    expect(evenly(all, ([folder]) => folder, 6)).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'b0', 'b1'])
  })

  it('is started anew behind a question that ends it', async () => {
    const file = join(temporaryFolder(), 'dies.mjs')
    writeFileSync(
      file,
      `import { createInterface } from 'node:readline'
       console.log('{"version":"1.2"}')
       for await (const line of createInterface({ input: process.stdin })) {
         const { op } = JSON.parse(line)
         if (op === 'die') process.exit(1)
         console.log(JSON.stringify({ id: 0, notOffered: op }))
       }`,
    )
    const asked = await Asked.start({ command: [file] }, process.execPath)
    const ask = (op: string) => asked.ask({ op, options: {}, tensors: {} })
    expect(asked.version).toBe('1.2')
    expect(await ask('one')).toEqual({ notOffered: 'one' })
    expect(await ask('die')).toEqual({ error: 'the process ended' })
    expect(await ask('two')).toEqual({ notOffered: 'two' })
    asked.close()
  })
})

describe('the committed table', () => {
  it('has the rows that are asked now, and a cell for each in every column', () => {
    expect(saved.rows).toEqual(JSON.parse(JSON.stringify(rows)))
    expect(Object.keys(saved.libraries).length).toBeGreaterThanOrEqual(8)
    for (const [name, { cells, version, date }] of Object.entries(saved.libraries)) {
      expect(Object.keys(cells), name).toEqual(rows.map(({ id }) => id))
      expect([version, date], name).toEqual([
        expect.stringMatching(/^\d+\.\d+/),
        expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      ])
    }
  })

  it('is what the libraries say, where they are installed', { timeout: 240_000 }, async ({ skip }) => {
    if (!existsSync(fileURLToPath(new URL('bench/node_modules/convnetjs', repository))))
      skip('skipped: pnpm bench:setup has not installed the libraries')
    for (const library of libraries.filter(({ name }) => ['ConvNetJS', 'onnxruntime-node'].includes(name))) {
      const asked = await Asked.start(library, process.execPath)
      try {
        expect(asked.version).toBe(saved.libraries[library.name].version)
        for (const behaviour of rows)
          expect(cellOf(behaviour, await asked.ask(behaviour.question)), behaviour.id).toEqual(
            saved.libraries[library.name].cells[behaviour.id],
          )
      } finally {
        asked.close()
      }
    }
  })

  it('says of a program that cannot be started why', async () => {
    const start = Asked.start({ command: ['nothing.mjs'] }, process.execPath)
    await expect(start).rejects.toThrow('Cannot find module')
  })
})
