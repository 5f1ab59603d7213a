import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Confusion, type DoneEvent } from '@handgrad/trainer'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { temporaryFolder } from '../../test/handgrad.ts'
import { recordedChannel } from '../../test/io.ts'
import { checkLike } from './group.ts'
import { folderOf, type Plan, planFrom, planText, readPlan, seedsFrom } from './plan.ts'
import { printResults, type SeedResult } from './results.ts'
import { spreadOf, spreadText } from './spread.ts'

beforeEach(() => void vi.stubEnv('INIT_CWD', '/home/ada'))
afterEach(() => void vi.unstubAllEnvs())

const plan: Plan = {
  seeds: [3, 4],
  options: { model: 'mlp', epochs: 2, lr: 0.5 },
  dataDir: '/data',
  init: '/w.safetensors',
  log: ['csv'],
}

describe('the plan of several runs', () => {
  test('seeds follow each other', () => {
    expect(seedsFrom(7, 3)).toEqual([7, 8, 9])
    expect(seedsFrom(-1, 1)).toEqual([-1])
    expect(seedsFrom(Number.MAX_SAFE_INTEGER - 1, 2)).toHaveLength(2)
    expect(() => seedsFrom(Number.MAX_SAFE_INTEGER, 2)).toThrow('seeds from 9007199254740991 on: too large')
    expect(folderOf('/runs/five', -1)).toBe('/runs/five/seed--1')
  })

  test('is read as it was written', () => {
    expect(planFrom(planText(plan), '/x/repeat.json')).toEqual(plan)
    const bare = { seeds: [0], options: { lr: 0.5 } }
    expect(planFrom(planText({ ...bare, options: { ...bare.options, seed: 9 } }), '/x/repeat.json')).toEqual(
      bare,
    )
    expect(planText(plan)).toMatch(/^\{\n {2}"seeds": \[\n[^]*\}\n$/)
  })

  test.each([
    ['{"seeds": [', 'is damaged: it is no JSON'],
    ['{}', 'is damaged: it has no list of seeds'],
    ['{"seeds": []}', 'is damaged: it has no list of seeds'],
    ['{"seeds": [1.5]}', 'is damaged: it has no list of seeds'],
    ['{"seeds": 3}', 'is damaged: it has no list of seeds'],
    ['{"seeds": [1], "init": 3}', 'is damaged: init is no path'],
    ['{"seeds": [1], "lr": -1}', 'is damaged: --config /x/repeat.json: lr is -1: expected a number above 0'],
    ['3', 'is damaged: it has no list of seeds'],
  ])('%s is refused', (text, problem) => {
    expect(() => planFrom(text, '/x/repeat.json')).toThrow(`/x/repeat.json ${problem}`)
  })

  test('is in a file of the folder, or nowhere', async () => {
    const folder = temporaryFolder()
    expect(await readPlan(folder)).toBeNull()
    expect(await readPlan(join(folder, 'none'))).toBeNull()
    writeFileSync(join(folder, 'repeat.json'), planText(plan))
    expect(await readPlan(folder)).toEqual(plan)
    expect(await readPlan(join(folder, 'repeat.json'))).toBeNull()
    await expect(readPlan(join(folder, '\0'))).rejects.toThrow('cannot read ')
  })
})

test('mean, deviation and both ends', () => {
  expect(spreadOf([1, 2, 3, 6])).toEqual({ mean: 3, deviation: Math.sqrt(14 / 3), least: 1, most: 6 })
  expect(spreadOf([5, 3])).toEqual({ mean: 4, deviation: Math.SQRT2, least: 3, most: 5 })
  expect(spreadOf([0.5])).toEqual({ mean: 0.5, deviation: null, least: 0.5, most: 0.5 })
  const text = (value: number): string => `${value}!`
  expect(spreadText({ mean: 1, deviation: 2, least: 3, most: 4 }, text)).toBe('1! ± 2! (3! to 4!)')
  expect(spreadText(spreadOf([0.5]), text)).toBe('0.5!')
})

describe('what several runs came to', () => {
  const done = (testAccuracy: number, testLoss: number): DoneEvent => ({
    event: 'done',
    testAccuracy,
    testLoss,
    imagesPerSecond: 1,
    seconds: 2.25,
    confusion: new Confusion(2),
  })
  const results: SeedResult[] = [
    { seed: 3, done: done(0.9, 0.5) },
    { seed: 4, done: null },
    { seed: 5, done: done(0.8, 0.25) },
  ]
  const told = (of: readonly SeedResult[], flags = {}, columns = 80): string[] => {
    const out = recordedChannel(true, columns)
    printResults({ out, err: recordedChannel() }, of, '/home/ada/runs/mlp-1', flags)
    return out.text.split('\n').slice(0, -1)
  }
  const total = '<bold>test accuracy 85.00 % ± 7.07 % (80.00 % to 90.00 %)</>, test loss 0.3750 ±'

  test('for people: a row each, and the spread of those that did not fail', () => {
    expect(told(results)).toEqual([
      '<dim>  seed   test acc  test loss   seconds</>',
      '     3    90.00 %     0.5000       2.3',
      '     4     failed',
      '     5    80.00 %     0.2500       2.3',
      total,
      '0.1768 (0.2500 to 0.5000), 2 of 3 seeds',
      'runs in runs/mlp-1',
    ])
    expect(told(results, {}, 27)[1]).toBe('     3    90.00 %')
    expect(told(results, { quiet: true })).toEqual([total, '0.1768 (0.2500 to 0.5000), 2 of 3 seeds'])
    expect(told([results[1]])).toEqual([
      '<dim>  seed   test acc  test loss   seconds</>',
      '     4     failed',
    ])
  })

  test('for programs', () => {
    expect(told(results, { json: true }).map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        event: 'repeated',
        seeds: [3, 4, 5],
        failed: [4],
        testAccuracy: {
          mean: expect.closeTo(0.85, 12),
          deviation: expect.closeTo(0.1 / Math.SQRT2, 12),
          least: 0.8,
          most: 0.9,
        },
        testLoss: { mean: 0.375, deviation: expect.closeTo(0.25 / Math.SQRT2, 12), least: 0.25, most: 0.5 },
        run: '/home/ada/runs/mlp-1',
      },
    ])
    expect(JSON.parse(told([results[1]], { json: true })[0])).toMatchObject({
      failed: [4],
      testAccuracy: null,
      testLoss: null,
    })
  })
})

describe('a run that begins is like one before it', () => {
  const origins = { data: 'sha256:1', network: { files: { 'net.ts': 'sha256:2' } } }
  const check = async (config: unknown, now = origins): Promise<void> => {
    const like = temporaryFolder()
    writeFileSync(join(like, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config))
    await checkLike({ folder: '/x', like }, now)
  }

  test('in its data and its network', async () => {
    await check({ dataDigest: 'sha256:1', network: origins.network })
    await check({ dataDigest: 'sha256:1' })
    await check('{"cut')
    await checkLike({ folder: '/x', like: undefined }, origins)
    await checkLike({ folder: '/x', like: '/none' }, origins)
    await expect(check({ dataDigest: 'sha256:3' })).rejects.toThrow(
      /^the data is not that of \S+: go on with it as it was$/,
    )
    await expect(check({ network: { files: { 'net.ts': 'sha256:3' } } })).rejects.toThrow(
      /^net\.ts has changed since \S+: go on/,
    )
  })
})
