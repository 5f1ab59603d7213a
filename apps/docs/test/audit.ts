import { statSync } from 'node:fs'
import { join } from 'node:path'
import { launch } from '../../../scripts/browser.ts'
import { rangeOf } from '../../cli/src/bench/stats.ts'
import { budget, type Load, measureLoad } from './load.ts'
import { builtPages } from './pages.ts'

/**
 * Loads the six longest pages of the built site ten times each, as a phone four times slower on a line of 1.6 Mbit/s, and prints
 * medians beside what they may come to: `pnpm --filter docs build && pnpm --filter docs audit [path…]`.
 */
const dist = join(import.meta.dirname, '../dist')
const LOADS = 10
const LONGEST = 6

const sizeOf = (path: string): number => statSync(join(dist, path, 'index.html')).size
const longest = builtPages()
  .prose.toSorted((a, b) => sizeOf(b) - sizeOf(a))
  .slice(0, LONGEST)
const pages = process.argv.length > 2 ? process.argv.slice(2) : longest

const columns: readonly [title: string, of: (load: Load) => number, text: (value: number) => string][] = [
  ['JavaScript, kB', ({ script }) => script, (value) => (value / 1000).toFixed(1)],
  ['largest paint, ms', ({ largest }) => largest, (value) => value.toFixed(0)],
  ['shift', ({ shift }) => shift, (value) => value.toFixed(3)],
]

const browser = await launch()
let [passed, failed] = [0, 0]
try {
  console.log(['page'.padEnd(24), ...columns.map(([title]) => title.padStart(18))].join(''))
  for (const path of pages) {
    const loads: Load[] = []
    for (let i = 0; i < LOADS; i++) loads.push(await measureLoad(browser, path))
    const cells = columns.map(([, of, text]) => {
      const value = rangeOf(loads.map(of)).median
      const isWithin = value <= of(budget)
      if (isWithin) passed++
      else failed++
      return `${text(value)}${isWithin ? '' : ' !'}`
    })
    console.log([path.padEnd(24), ...cells.map((cell) => cell.padStart(18))].join(''))
  }
  console.log(
    `at most${' '.repeat(17)}${columns.map(([, of, text]) => text(of(budget)).padStart(18)).join('')}`,
  )
  console.log(`${passed} passed, ${failed} failed`)
} finally {
  await browser.close()
}
process.exitCode = failed > 0 ? 1 : 0
