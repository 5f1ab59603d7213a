import { join } from 'node:path'
import { currentBackend, useBackend } from '@handgrad/tensor'
import { afterEach, describe, expect, it, test } from 'vitest'
import type { RunDescription, RunRecord } from '../replay/record.ts'
import { tiny, writeRecord } from '../replay/test/tiny.ts'
import { inProcess, jsonLines, linesOf, temporaryFolder } from '../test/handgrad.ts'

const inForce = currentBackend()
afterEach(() => useBackend(inForce))

/** What `handgrad replay` says of a record, which lies in a folder of its own. */
function replay(record: RunRecord, ...args: string[]) {
  const cwd = temporaryFolder()
  writeRecord(join(cwd, 'run'), record)
  return inProcess(cwd, ['replay', '--torch', 'run', ...args])
}

const told = (record: RunRecord, about: Partial<RunDescription>): RunRecord => ({
  ...record,
  about: { ...record.about, ...about },
})

/** The loss of step 1 was another one in PyTorch: in float64 the tensors say so too. */
const otherLoss = (dtype: 'float32' | 'float64', about: Partial<RunDescription> = {}): RunRecord =>
  told(
    tiny(dtype, ({ losses }) => (losses.data[1] *= 1.01)),
    about,
  )

/** PyTorch's gradient of step 1 was another one. */
const otherGradient = (dtype: 'float32' | 'float64'): RunRecord =>
  tiny(dtype, (tensors) => (tensors['1/d.0.weight'].data[1] += 0.25))

describe('a run is replayed', () => {
  it('in words: the tensors of each step, and how far the two go together', async () => {
    const { code, out, err } = await replay(tiny('float64'))
    expect([code, err]).toEqual([0, ''])
    const lines = linesOf(out)
    expect(lines).toHaveLength(2 * (2 + 8) + 2)
    expect(lines[0]).toMatch(/^<bold>step 0: loss 0\.693\d+, PyTorch 0\.693\d+<\/>$/)
    expect(lines[10]).toMatch(/^<bold>step 1: loss /)
    expect(lines[9]).toMatch(/^<\w+>next\.0\.weight +\[2,1\] +(exact|close) /)
    expect(lines[20]).toBe("from PyTorch 2's state: every tensor agrees")
    expect(lines[21]).toMatch(
      /^running freely: 2 of 2 steps agree in the loss \(largest difference \S+ of it\)$/,
    )
  })

  it('for a program: an object a step taken alone, then one a free step, then the end', async () => {
    const { code, out, err } = await replay(tiny('float32'), '--json')
    expect([code, err]).toEqual([0, ''])
    const events = jsonLines(out)
    expect(
      events.map(({ event, step, rows }) => [event, step, (rows as unknown[] | undefined)?.length]),
    ).toEqual([
      ['step', 0, 8],
      ['step', 1, 8],
      ['free', 0, undefined],
      ['free', 1, undefined],
      ['done', undefined, undefined],
    ])
    expect(events[2]).toMatchObject({ torchLoss: Math.LN2, allowed: 1e-4 })
    expect(events[4]).toEqual({ event: 'done', partedInSteps: null, partedFreely: null })
  })

  it('freely as far as was asked for, at most to the horizon, else to the end', async () => {
    const free = async (about: Partial<RunDescription>, ...args: string[]): Promise<number> => {
      const { code, out } = await replay(told(tiny('float32'), about), '--json', ...args)
      expect(code).toBe(0)
      return jsonLines(out).filter(({ event }) => event === 'free').length
    }
    expect(await free({})).toBe(2)
    expect(await free({}, '--steps', '1')).toBe(1)
    expect(await free({}, '--steps', '10')).toBe(2)
    expect(await free({ horizon: 1 })).toBe(1)
    expect(await free({ horizon: 1 }, '--steps', '2')).toBe(1)
    expect(await free({ horizon: 2 }, '--steps', '1')).toBe(1)
    expect(await free({ horizon: 0 })).toBe(0)
  })

  it('on the backend that was named, else on the one in force', async () => {
    useBackend('simd-plain')
    await replay(tiny('float32'))
    expect(currentBackend()).toBe('simd-plain')
    await replay(tiny('float32'), '--backend', 'reference')
    expect(currentBackend()).toBe('reference')
  })
})

describe('a run that parts', () => {
  it.each(['float32', 'float64'] as const)('in a single step fails in %s, and says where', async (dtype) => {
    const { code, out } = await replay(otherGradient(dtype))
    expect(code).toBe(3)
    expect(out).toMatch(/\n<red>d\.0\.weight +\[2,1\] +apart /)
    expect(out).toMatch(/\nfrom PyTorch 2's state: they part at step 1, d\.0\.weight \[1,0\]: expected /)
    const [done] = jsonLines((await replay(otherGradient(dtype), '--json')).out).slice(-1)
    expect(done.partedInSteps).toMatch(/^step 1, d\.0\.weight \[1,0\]: expected /)
  })

  it.each<[string, RunRecord, number]>([
    ['float32, where nobody promised how long the two agree, is told', otherLoss('float32'), 0],
    ['float32 before the horizon fails', otherLoss('float32', { horizon: 2 }), 3],
    ['float32 behind the horizon is not looked at', otherLoss('float32', { horizon: 1 }), 0],
    ['float64 fails', otherLoss('float64', { at: [0] }), 3],
  ])('freely in %s', async (_, record, expected) => {
    const { code, out } = await replay(record, '--json')
    expect(code).toBe(expected)
    const done = jsonLines(out).at(-1)
    // Step by step the loss is not held to PyTorch's but by its tensor.
    expect(done.partedInSteps).toBeNull()
    if (record.about.horizon === 1) expect(done.partedFreely).toBeNull()
    else expect(done.partedFreely).toMatch(/^step 1, loss: expected /)
    const inWords = await replay(record)
    expect([inWords.code, inWords.out.includes('; they part at step 1, loss:')]).toEqual([
      expected,
      record.about.horizon !== 1,
    ])
  })
})

test('a record of some steps alone is replayed; one of none is refused', async () => {
  const alone = await replay(told(tiny('float32'), { horizon: 0 }))
  expect([alone.code, linesOf(alone.out).at(-1)]).toEqual([
    0,
    'running freely: 0 of 0 steps agree in the loss (largest difference 0 of it)',
  ])
  const free = await replay(told(tiny('float32'), { at: [] }))
  expect([free.code, linesOf(free.out).length]).toEqual([0, 2])
  const none = await replay(told(tiny('float32'), { at: [], steps: 0 }))
  expect(none).toEqual({ code: 1, out: '', err: 'error: the record holds no step\n' })
})

test.each(['0', '-1', '1.5', '01', 'all', ''])(
  '--steps %j is refused before anything is read',
  async (steps) => {
    const { code, out, err } = await inProcess(temporaryFolder(), [
      'replay',
      '--torch',
      'none',
      '--steps',
      steps,
    ])
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(
      /^error: option '--steps <n>' argument '.*' is invalid\. expected a whole number, 1 or more\n$/,
    )
  },
)

test('what is asked wrongly ends with 2, a folder without a record with 1', async () => {
  const cwd = temporaryFolder()
  const cases: [args: string[], code: number, message: RegExp][] = [
    [[], 2, /^error: required option '--torch <folder>' not specified\n$/],
    [['--torch', 'none', '--backend', 'gpu'], 2, /Allowed choices are reference, /],
    [
      ['--torch', 'none'],
      1,
      /^error: \S+none has no run\.json: name a folder that fixtures\/record\.py wrote\n$/,
    ],
  ]
  for (const [args, code, message] of cases) {
    const result = await inProcess(cwd, ['replay', ...args])
    expect(result).toMatchObject({ code, out: '', err: expect.stringMatching(message) })
  }
})
