import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { saveSafetensors } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import type { Io } from '../io.ts'
import { linesOf, temporaryFolder } from '../test/handgrad.ts'
import { recordedIo } from '../test/io.ts'
import type { Row } from './compare.ts'
import { hasState, type RunRecord, readRecord, recorded, recordedNumber, statsOfRecord } from './record.ts'
import { firstParting, parts, runFreely, runStepwise, type Step } from './replay.ts'
import { printFree, printTable } from './report.ts'
import { recordOf, t } from './test/by-hand.ts'
import { collect } from './test/runs.ts'
import { tiny } from './test/tiny.ts'

const step = (change: Partial<Step>): Step => ({
  step: 3,
  loss: 2,
  torchLoss: 2,
  relative: 0,
  allowed: 1e-4,
  ...change,
})
const row = (change: Partial<Row>): Row => ({
  tensor: 'dx',
  shape: [2, 3],
  verdict: 'close',
  difference: 0,
  allowed: 0,
  flipped: 0,
  scale: 1,
  ...change,
})
const apart = row({ verdict: 'apart', message: '[0,1]: expected 1, got 2' })

describe('two runs part', () => {
  it('where the loss is further off than is allowed, or is no number, or a tensor is apart', () => {
    expect(parts(step({}))).toBe(false)
    expect(parts(step({ relative: 1e-4 }))).toBe(false)
    expect(parts(step({ relative: 1.0001e-4 }))).toBe(true)
    expect(parts(step({ relative: Number.NaN }))).toBe(true)
    expect(parts(step({ rows: [row({}), row({ verdict: 'exact' })] }))).toBe(false)
    expect(parts(step({ rows: [row({}), apart] }))).toBe(true)
  })

  it('at the first such step and tensor, in words', () => {
    expect(firstParting([])).toBeNull()
    expect(firstParting([step({}), step({ rows: [row({})] })])).toBeNull()
    const loss = step({ step: 5, loss: 2.5, relative: 0.25 })
    expect(firstParting([step({}), loss, step({ step: 6, rows: [apart] })])).toBe(
      'step 5, loss: expected 2, got 2.5, 0.250 of it apart, allowed 0.0001',
    )
    const later = row({ ...apart, tensor: 'dy.0' })
    expect(firstParting([step({}), step({ step: 6, relative: 1, rows: [row({}), apart, later] })])).toBe(
      'step 6, dx [0,1]: expected 1, got 2',
    )
  })
})

const freely = async (record: RunRecord, steps = 2) => firstParting(await collect(runFreely(record, steps)))
const stepwise = async (record: RunRecord) => firstParting(await collect(runStepwise(record)))

describe('a run of two steps by hand', () => {
  it('is replayed in both precisions, freely and step by step', async () => {
    for (const dtype of ['float32', 'float64'] as const) {
      expect(await freely(tiny(dtype)), dtype).toBeNull()
      expect(await stepwise(tiny(dtype)), dtype).toBeNull()
    }
    const steps = await collect(runFreely(tiny('float64'), 2))
    expect(steps.map((one) => [one.step, one.allowed, one.rows?.length])).toEqual([
      [0, 1e-10, 8],
      [1, 1e-10, 8],
    ])
    expect(steps[0].loss).toBeCloseTo(Math.LN2, 14)
    const single = await collect(runFreely(tiny('float32'), 2))
    expect(single.map((one) => [one.allowed, one.rows])).toEqual([
      [1e-4, undefined],
      [1e-4, undefined],
    ])
    expect(await collect(runFreely(tiny('float32'), 1))).toHaveLength(1)
  })

  it.each([
    ['float64', 1e-10],
    ['float32', 1e-4],
  ] as const)('has in %s a loss that may be %s of it off, and no more', async (dtype, allowed) => {
    const off = (by: number) => tiny(dtype, ({ losses }) => (losses.data[1] *= 1 + by))
    expect(await freely(off(0.9 * allowed))).toBeNull()
    expect(await freely(off(1.1 * allowed))).toMatch(
      /^step 1, loss: expected 0\.\d+, got 0\.\d+, \S+ of it apart, allowed/,
    )
    expect(await freely(off(-1.1 * allowed))).toMatch(/^step 1, loss/)
  })

  it.each(['y.0', 'dy.0', 'd.0.weight', 'next.0.weight', 'p.0.weight'])(
    'has in float64 a %s that may be 1e-10 of its largest element off, and no more',
    async (name) => {
      const off = (by: number) =>
        tiny('float64', (tensors) => {
          const { data } = tensors[`1/${name}`]
          data[1] += by * Math.max(...data.map(Math.abs))
        })
      expect(await freely(off(0.9e-10))).toBeNull()
      expect(await freely(off(1.1e-10))).toMatch(new RegExp(`^step 1, ${name.replaceAll('.', '\\.')} \\[`))
    },
  )

  it('parts in float32 where a tensor is off by more than rounding explains', async () => {
    const off = (name: string, by: number) =>
      tiny('float32', (tensors) => (tensors[`0/${name}`].data[1] += by))
    const u = 2 ** -24
    // dw = dy · x: five roundings of 0.5.
    expect(await stepwise(off('d.0.weight', 2 * u))).toBeNull()
    expect(await stepwise(off('d.0.weight', 4 * u))).toMatch(
      /^step 0, d\.0\.weight \[1,0\]: expected .* allowed 1\.49e-7$/,
    )
    expect(await stepwise(off('next.0.weight', 16 * u))).toMatch(/^step 0, next\.0\.weight \[1,0\]/)
  })

  it('is taken step by step as far as there are states, whatever follows', async () => {
    const { about, tensors } = tiny('float64')
    const longer = { about: { ...about, steps: 5 }, tensors }
    expect((await collect(runStepwise(longer))).map(({ step: k }) => k)).toEqual([0, 1])
    const one = { about: { ...about, at: [1] }, tensors }
    expect((await collect(runStepwise(one))).map(({ step: k }) => k)).toEqual([1])
  })

  it('begins each step from PyTorch’s state, so that one step off does not move the next', async () => {
    const record = tiny('float64', (tensors) => {
      tensors['1/state.0.weight'].data[0] += 0.25
    })
    expect(await stepwise(record)).toMatch(/^step 1, y\.0 /)
    // Running freely nobody looks at that state.
    expect(await freely(record)).toBeNull()
  })
})

describe('a record', () => {
  const record = recordOf(
    { at: [0, 2] },
    {
      '0/state.a': t([1]),
      '0/stats': t([
        [1, 2],
        [3, 4],
      ]),
      '1/state.a': t([1]),
      '2/x': t([1]),
    },
  )

  it('is asked by key', () => {
    expect(recorded(record, '2/x').data[0]).toBe(1)
    expect(() => recorded(record, '2/y')).toThrow('the record has no 2/y')
    expect(recordedNumber(record, 'lr', 0)).toBe(0.5)
    expect([...statsOfRecord(record, 0, 0)]).toEqual([1, 2])
    expect([...statsOfRecord(record, 0, 1)]).toEqual([3, 4])
    expect([0, 1, 2].map((k) => hasState(record, k))).toEqual([true, false, false])
  })

  it('is read from its folder, packed or not', async () => {
    const bytes = saveSafetensors({ x: t([1, 2]) })
    for (const [name, content] of [
      ['record.safetensors', bytes],
      ['record.safetensors.gz', gzipSync(bytes)],
    ] as const) {
      const folder = temporaryFolder()
      await expect(readRecord(folder)).rejects.toThrow(
        `${folder} has no run.json: name a folder that fixtures/record.py wrote`,
      )
      writeFileSync(join(folder, 'run.json'), '{"format":1,"steps":4}')
      await expect(readRecord(folder)).rejects.toThrow(`${folder} has no record.safetensors: name a folder`)
      writeFileSync(join(folder, name), content)
      const { about, tensors } = await readRecord(folder)
      expect([about.steps, [...(tensors.x.data as Float64Array)]]).toEqual([4, [1, 2]])
    }
  })

  it('that cannot be read says why', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'run.json'))
    await expect(readRecord(folder)).rejects.toThrow(
      `cannot read ${join(folder, 'run.json')}: illegal operation on a directory`,
    )
  })

  it.each([
    ['{', /run\.json is not the description of a run: /],
    ['{"format":2}', /run\.json is not the description of a run: its format is 2, expected 1$/],
    ['{}', /its format is undefined, expected 1$/],
  ])('with %s for a description is refused', async (text, message) => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'run.json'), text)
    await expect(readRecord(folder)).rejects.toThrow(message)
  })
})

describe('in words', () => {
  const print = (use: (io: Io) => void): string => {
    let text = ''
    const channel = {
      style: (_: unknown, of: string) => of,
      write: () => {},
      line: (of = '') => void (text += `${of}\n`),
      live: false,
      columns: 80,
    }
    use({ out: channel, err: channel })
    return text
  }

  it('a step is a table of its tensors, with what is wrong below', () => {
    const rows = [
      row({ verdict: 'exact', scale: 8 }),
      row({ ...apart, tensor: 'd.0.weight', difference: 0.5, allowed: 1e-7, flipped: 2 }),
    ]
    expect(print((io) => printTable(io)(step({ loss: 2.5, rows })))).toBe(
      [
        'step 3: loss 2.5, PyTorch 2',
        'tensor      shape  verdict  max difference  allowed   scale  flipped',
        'dx          [2,3]  exact                 0        0  8.0e+0',
        'd.0.weight  [2,3]  apart            5.0e-1   1.0e-7  1.0e+0        2',
        '  [0,1]: expected 1, got 2',
        '',
        '',
      ].join('\n'),
    )
  })

  it('a verdict has its colour; a step of which no tensor was recorded is its loss alone', () => {
    const { io, out } = recordedIo()
    const rows = (['exact', 'close', 'apart'] as const).map((verdict) => row({ verdict }))
    printTable(io)(step({ rows: [...rows, apart] }))
    printTable(io)(step({}))
    const styles = linesOf(out.text).map((line) => /^<(\w+)>(.*?)(?:<\/>| {2})/.exec(line)?.slice(1))
    expect(styles).toEqual([
      ['bold', 'step 3: loss 2, PyTorch 2'],
      ['dim', 'tensor'],
      ['green', 'dx'],
      ['dim', 'dx'],
      ['red', 'dx'],
      ['red', 'dx'],
      ['red', ''],
      ['bold', 'step 3: loss 2, PyTorch 2'],
      ['dim', 'tensor'],
    ])
  })

  it('a free run says how long the two agree, and where they part', () => {
    const record = recordOf({ torch: '2.13' })
    const steps = [
      step({ relative: 1e-6 }),
      step({ relative: 3e-6 }),
      step({ relative: 1 }),
      step({ relative: 9e-6 }),
    ]
    expect(print((io) => printFree(io, record, steps, null, 'step 2, loss'))).toBe(
      "from PyTorch 2.13's state: every tensor agrees\n" +
        'running freely: 2 of 4 steps agree in the loss (largest difference 3.0e-6 of it); they part at step 2, loss\n',
    )
    expect(print((io) => printFree(io, record, steps.slice(0, 2), 'step 0, dx', null))).toBe(
      "from PyTorch 2.13's state: they part at step 0, dx\n" +
        'running freely: 2 of 2 steps agree in the loss (largest difference 3.0e-6 of it)\n',
    )
  })
})
