import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { MutantReport } from '@handgrad/gradcheck'
import { type FoundSpec, readFixture } from '@handgrad/gradcheck/node'
import { saveSafetensors, Tensor } from '@handgrad/tensor'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Io } from '../io.ts'
import { temporaryFolder } from '../test/handgrad.ts'
import { command as gradcheck } from './gradcheck.ts'
import { command as report } from './report.ts'

const given = vi.hoisted(() => ({ fixtures: null as string | null, mutants: [] as unknown[] }))
// The real layer, perhaps with other golden values; and mutants as if they had been hunted.
vi.mock('../gradcheck/find-specs.ts', async (original) => {
  const { findSpecs } = await original<typeof import('../gradcheck/find-specs.ts')>()
  return {
    findSpecs: async (names: readonly string[]): Promise<FoundSpec[]> =>
      (await findSpecs(names)).map(({ place, spec }) => ({
        place: { ...place, fixtures: given.fixtures ?? place.fixtures },
        spec,
      })),
  }
})
vi.mock('../report/mutants.ts', () => ({ huntAll: async () => given.mutants }))

afterEach(() => {
  given.fixtures = null
  given.mutants = []
})

/** Both streams as text; `live` is whether a line can be rewritten on the second. */
function textIo(live = false): { io: Io; out: () => string; err: () => string } {
  const texts = { out: '', err: '' }
  const channel = (name: 'out' | 'err') => ({
    style: (_: unknown, text: string) => text,
    write: (text: string) => void (texts[name] += text),
    line: (text = '') => void (texts[name] += `${text}\n`),
    live,
    columns: 30,
  })
  return {
    io: { out: channel('out'), err: channel('err') },
    out: () => texts.out,
    err: () => texts.err,
  }
}

/** A copy of the fixtures of ReLU in which one element of one golden gradient is another. */
function spoiled(): string {
  const folder = temporaryFolder()
  const own = fileURLToPath(new URL('../../../../fixtures/relu/', import.meta.url))
  cpSync(own, folder, { recursive: true })
  const { golden, goldenHashes } = readFixture(folder)
  const key = Object.keys(golden).find(
    (name) => name.endsWith('/float64/dx') && golden[name].data.length > 3,
  )!
  const wrong = new Tensor((golden[key] as Tensor).data.slice(), golden[key].shape)
  wrong.data[2] += 1
  writeFileSync(
    join(folder, 'golden.safetensors'),
    saveSafetensors({ ...golden, [key]: wrong }, { hashes: JSON.stringify(goldenHashes) }),
  )
  return folder
}

const run = (command: typeof gradcheck, options: Record<string, unknown>, io: Io) =>
  command.run({ options, args: ['relu'], io })

describe('handgrad gradcheck', () => {
  it('ends with 0 where all is right, and with 3 where something is wrong, which it says', async () => {
    const right = textIo()
    expect(await run(gradcheck, {}, right.io)).toBe(0)
    expect(right.out()).toMatch(/; all right\n$/)
    given.fixtures = spoiled()
    const wrong = textIo()
    expect(await run(gradcheck, {}, wrong.io)).toBe(3)
    expect(wrong.out()).toMatch(/^ReLU +WRONG/m)
    expect(wrong.out()).toMatch(
      /^ {2}\S+: golden: float32 on reference, dx \[[\d,]+\]: expected \S+, got \S+, 1\.00 apart/m,
    )
    expect(wrong.out()).toMatch(/; wrong: ReLU\n$/)
  })

  it('says so in JSON too', async () => {
    given.fixtures = spoiled()
    const { io, out } = textIo()
    expect(await run(gradcheck, { json: true }, io)).toBe(3)
    const [layer, done] = out()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(layer).toMatchObject({ event: 'layer', name: 'ReLU', passed: false })
    expect(done).toEqual({ event: 'done', passed: false, layers: 1 })
  })

  it('rewrites one line of progress where that can be, no wider than the terminal, and clears it', async () => {
    const { io, err } = textIo(true)
    await run(gradcheck, {}, io)
    const shown = err().split('\r\x1b[K')
    expect(shown[1]).toBe('1 of 1: ReLU, case 1 of 10')
    expect(shown.at(-2)).toBe('1 of 1: ReLU, case 10 of 10')
    expect([shown[0], shown.at(-1)]).toEqual(['', ''])
    expect(Math.max(...shown.map((text) => text.length))).toBeLessThan(30)
  })
})

describe('handgrad report', () => {
  const mutant = (views: MutantReport['views']): MutantReport => ({
    spec: 'ReLU',
    mutant: 'mask of y',
    backend: 'reference',
    views,
    at: null,
    message: null,
    milliseconds: 1,
  })
  const options = (out: string) => ({ without: ['curves'], out })
  const totals = (folder: string) => {
    const { totals: found, mutants } = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'))
    return { ...found, listed: mutants.length }
  }

  it('ends with 0 where all is right and every mutant was caught', async () => {
    given.mutants = [mutant(['golden']), mutant(['state', 'error'])]
    const [folder, { io, out, err }] = [temporaryFolder(), textIo()]
    expect(await run(report, options(folder), io)).toBe(0)
    expect(totals(folder)).toMatchObject({
      specs: 1,
      cases: 10,
      mutants: 2,
      caught: 2,
      problems: 0,
      listed: 2,
    })
    expect(out()).toMatch(/, 2 of 2 mutants caught, 0 problems\n$/)
    expect(err()).toBe('ReLU: 10 cases, 0 problems\nReLU: 2 of 2 mutants caught\n')
  })

  it('ends with 3 where one survived', async () => {
    given.mutants = [mutant(['golden']), mutant([])]
    const [folder, { io, out }] = [temporaryFolder(), textIo()]
    expect(await run(report, options(folder), io)).toBe(3)
    expect(totals(folder)).toMatchObject({ mutants: 2, caught: 1 })
    expect(out()).toMatch(/, 1 of 2 mutants caught, 0 problems\n$/)
  })

  it('ends with 3 where something is wrong, and lists it', async () => {
    given.fixtures = spoiled()
    given.mutants = [mutant(['golden'])]
    const [folder, { io, out }] = [temporaryFolder(), textIo()]
    expect(await run(report, options(folder), io)).toBe(3)
    const { problems } = totals(folder)
    expect(problems).toBeGreaterThan(0)
    expect(out()).toContain(`1 of 1 mutants caught, ${problems} problems\n`)
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toMatch(/golden: float32 on reference, dx/)
  })
})
