import { describe, expect, test } from 'vitest'
import type { FileCoverage, TestCoverage } from './coverage.ts'
import { AT_LOAD, piecesRun, union } from './coverage-record.ts'
import { select } from './select.ts'

const file = 'packages/tensor/src/shape.ts'
const mistake = { file, line: 1, operator: 'constant', start: 10, end: 11, text: '2' }

const ran = (name: string, milliseconds: number, pieces: readonly number[] = [0, 100]): TestCoverage => ({
  name,
  milliseconds,
  ran: { [file]: pieces },
})

function coverage(path: string, tests: TestCoverage[], more: Partial<FileCoverage> = {}): FileCoverage {
  return { file: path, digests: {}, failures: [], measuredBy: 2, isWhole: true, tests, ...more }
}

const many = (count: number, milliseconds: number): TestCoverage[] =>
  Array.from({ length: count }, (_, i) => ran(`test ${i}`, milliseconds))
const filesOf = (steps: ReturnType<typeof select>['steps']): string[][] =>
  steps.map((step) => step.map((tests) => tests.file))

describe('the tests that a mistake meets', () => {
  test('run its place', () => {
    const all = [
      coverage('packages/tensor/src/a.test.ts', [ran('before it', 1, [0, 10]), ran('at it', 1, [10, 11])]),
      coverage('packages/tensor/src/b.test.ts', [ran('after it', 1, [11, 20])]),
      coverage('packages/tensor/src/c.test.ts', [{ name: 'elsewhere', milliseconds: 1, ran: {} }]),
    ]
    expect(select(all, mistake, 10_000)).toMatchObject({
      steps: [[{ file: 'packages/tensor/src/a.test.ts', names: null }]],
      left: [],
    })
  })

  test('of a long file are named, the quickest first and the others behind all looks', () => {
    const long = coverage('packages/tensor/src/long.test.ts', [
      ran('slow', 1200),
      ran('quick', 500),
      ran('elsewhere', 900, [50, 60]),
    ])
    const short = coverage('packages/data/src/short.test.ts', [ran('far', 5)])
    expect(select([long, short], mistake, 10_000).steps).toEqual([
      [
        { file: long.file, names: ['quick'] },
        { file: short.file, names: null },
      ],
      [{ file: long.file, names: ['slow'] }],
    ])
  })

  test('are its own first, then those of its room, then the others; what has caught before all', () => {
    const all = ['data/src/far', 'tensor/src/near', 'tensor/src/shape', 'trainer/src/sharp'].map((name) =>
      coverage(`packages/${name}.test.ts`, many(1, 5)),
    )
    const kills = new Map([['packages/trainer/src/sharp.test.ts', 1]])
    expect(filesOf(select(all, mistake, 10_000, kills).steps)).toEqual([
      ['trainer/src/sharp', 'tensor/src/shape', 'tensor/src/near', 'data/src/far'].map(
        (name) => `packages/${name}.test.ts`,
      ),
    ])
  })

  test('of a name that begins alike come before others of the room, and short files before long ones', () => {
    const all = [
      coverage('packages/tensor/src/every.test.ts', [
        ran('slow', 1400),
        ran('quick', 5),
        ran('quick, too', 5),
      ]),
      coverage('packages/tensor/src/brief.test.ts', many(1, 5)),
      coverage('packages/tensor/src/shapes.test.ts', many(1, 5)),
    ]
    expect(filesOf(select(all, mistake, 10_000).steps)[0]).toEqual(
      ['shapes', 'brief', 'every'].map((name) => `packages/tensor/src/${name}.test.ts`),
    )
    // Four letters are too few to tell.
    const short = { ...mistake, file: 'packages/tensor/src/fill.ts' }
    const tests = ['brief', 'filler'].map((name) =>
      coverage(`packages/tensor/src/${name}.test.ts`, [
        { ...ran('one', 5), ran: { [short.file]: [0, 100] } },
      ]),
    )
    expect(filesOf(select(tests, short, 10_000).steps)[0][0]).toBe('packages/tensor/src/brief.test.ts')
  })

  test('that take too long are left out and named, but never all', () => {
    const slow = ['a', 'b'].map((name) => coverage(`packages/tensor/src/${name}.test.ts`, many(3, 1000)))
    const { steps, left } = select(slow, mistake, 4000)
    expect(steps).toEqual([[{ file: 'packages/tensor/src/a.test.ts', names: null }]])
    expect(left).toEqual(['packages/tensor/src/b.test.ts'])
    expect(select([coverage('a.test.ts', [ran('for ever', 9000)])], mistake, 4000)).toMatchObject({
      steps: [],
      left: ['a.test.ts'],
    })
  })

  test('that fail without it are not among them', () => {
    const failures = [{ file: '', test: 'broken', message: '' }]
    const tests = [ran('broken', 1), ran('sound', 1)]
    const one = coverage('packages/tensor/src/a.test.ts', tests, { failures })
    expect(select([one], mistake, 10_000).steps).toEqual([[{ file: one.file, names: ['sound'] }]])
  })

  test('are, where it runs as the file is loaded, those that run anything of the file', () => {
    const load = ran(AT_LOAD, 1, [0, 40])
    const uses = { ...ran('uses it', 2000), ran: { [file]: [60, 70] } }
    const ignores = { name: 'ignores it', milliseconds: 2000, ran: {} }
    const one = coverage('packages/tensor/src/a.test.ts', [load, uses, ignores])
    expect(select([one], mistake, 10_000).steps).toEqual([[{ file: one.file, names: ['uses it'] }]])
  })
})

describe('what V8 counted', () => {
  const range = (startOffset: number, endOffset: number, count: number): object => ({
    startOffset,
    endOffset,
    count,
  })
  const pieces = (...functions: object[][]): number[] =>
    piecesRun({
      scriptId: '1',
      url: 'file:///a.ts',
      functions: functions.map((ranges) => ({ functionName: '', ranges, isBlockCoverage: true })),
    } as Parameters<typeof piecesRun>[0])

  test('is decided by the innermost range', () => {
    expect(pieces([range(0, 100, 1), range(20, 40, 0), range(25, 30, 2)], [range(50, 60, 0)])).toEqual([
      0, 20, 25, 30, 40, 50, 60, 100,
    ])
    expect(pieces([range(0, 100, 0)], [range(10, 20, 3)])).toEqual([10, 20])
  })

  test('of two processes is what ran in either', () => {
    expect(union([0, 10, 20, 30], [5, 15, 30, 40, 60, 70])).toEqual([0, 15, 20, 40, 60, 70])
  })
})
