import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { RatioRow, Report, Speed } from '../apps/cli/src/bench/report.ts'
import { speedSection } from './speed-table.ts'

const file = fileURLToPath(new URL('../bench/results.json', import.meta.url))
const measured = JSON.parse(readFileSync(file, 'utf8')) as Report

const row = (name: string, threads: number, against: string, median: number): RatioRow => ({
  name,
  threads,
  against,
  againstThreads: threads,
  ratio: { median, low: median, high: median },
  counted: 1,
  run: 1,
})

/** The report with these ratios of the loop, and no others, in training the seed's network at batch 64. */
function report(loops: readonly RatioRow[], others: (rows: readonly RatioRow[]) => RatioRow[]): Report {
  const speed = measured.speed!
  const settings = speed.settings.map((setting): Speed['settings'][number] => {
    const { network, batch, mode, ratios } = setting
    if (network !== 'seed' || batch !== 64 || mode !== 'train') return setting
    return { ...setting, ratios: [...others(ratios), ...loops] }
  })
  return { ...measured, speed: { ...speed, settings } }
}

const withoutLoops = (rows: readonly RatioRow[]): RatioRow[] =>
  rows.filter(({ name, against }) => !`${name} ${against}`.includes(' loop'))
const cells = (section: string, claim: string): string[] => {
  const line = section.split('\n').find((one) => one.includes(claim))
  return (line ?? '').split('|').map((cell) => cell.trim())
}

test('a report that is older than the loop as a contender has no rows of it', () => {
  const section = speedSection(report([], withoutLoops))
  expect(section).toContain("training the seed's network, batch 64")
  expect(section).not.toContain('very text')
  expect(section).not.toContain('inputGrad')
})

test('the loop is quoted against PyTorch, in its default format and at its fastest, and the trainer', () => {
  const [simd, loop] = ['handgrad simd', 'handgrad simd loop']
  const rows = [
    row(loop, 1, 'PyTorch, default format', 4.56),
    row(loop, 2, 'PyTorch, default format', 3.14),
    row(loop, 1, 'PyTorch', 2.71),
    row(loop, 2, 'PyTorch', 2.34),
    row(loop, 1, simd, 0.857),
    row(loop, 2, simd, 0.913),
    row(`${loop} without-dx`, 1, simd, 0.981),
  ]
  const section = speedSection(report(rows, withoutLoops))
  expect(cells(section, 'very text').slice(2, 5)).toEqual(['3.1×, 4.6×', '', 'the same'])
  expect(cells(section, "against PyTorch's fastest configuration, on two").slice(2, 4)).toEqual([
    '2.3×, 2.7×',
    '',
  ])
  expect(cells(section, "library's own training step").slice(2, 4)).toEqual(['0.91×, 0.86×', ''])
  expect(cells(section, 'inputGrad: false').slice(2, 4)).toEqual(['–, 0.98×', ''])
})

test('the fastest other library in JavaScript is none of PyTorch’s', () => {
  const own = report([], withoutLoops)
  const settings = own.speed!.settings.map((setting) => {
    const peer = setting.speeds.find(({ ours }) => !ours)!
    const imagesPerSecond = { median: 1e9, low: 1e9, high: 1e9 }
    const asWritten = { ...peer, name: 'PyTorch, default format', imagesPerSecond }
    return { ...setting, speeds: [...setting.speeds, asWritten] }
  })
  const section = speedSection({ ...own, speed: { ...own.speed!, settings } })
  expect(section).toContain('library that trains it (ConvNetJS)')
})
