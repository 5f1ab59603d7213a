import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { FIRST_LINES as FIRST_GRAPH } from '../packages/layers/src/test/graphs.ts'
import { fixedLines, fixedSeeds } from '../packages/trainer/src/programs/fixed.proof.ts'
import { FIRST_LINES, networkOf } from '../packages/trainer/src/programs/networks.proof.ts'
import { choose, type Drawn } from './branches/choose.ts'
import { type CountedRun, countedNetworks } from './branches/networks.ts'
import { faults, shares } from './branches/point.ts'
import { shareLines } from './branches/tally.ts'

/**
 * Runs some graphs of layers and the fixed networks, in their order, on a build that counts the branches of kernels and of what writes programs
 * down, until every outcome was taken; names those that none of the networks takes.
 *
 *     pnpm branches                  exits with 3 where there is one, or where a result is wrong
 *     pnpm branches --choose 2000    draws so many networks and fixes 500 that take every outcome, and 50 of lines from a
 *                                    quarter as many
 */
/** Graphs of whole numbers (`packages/layers/src/test/graphs.ts`) that are run first: some, and those that take the rest. */
const OF_IMAGES = [...Array(30).keys(), 69, 96, 102, 109, 119, 128, 146, 1282, 1860]
const OF_LINES = [...Array(10).keys(), 16].map((i) => FIRST_GRAPH + i)
const GRAPHS = [...OF_IMAGES, ...OF_LINES]

/** So many networks of lines are fixed. */
const LINES = 50

const { values } = parseArgs({
  options: { choose: { type: 'string' }, count: { type: 'string', default: '500' } },
})
const { points, run, runGraph } = await countedNetworks()
const drawn = new Map<number, Drawn>()
let together: Uint8Array = new Uint8Array()
let wrong = 0
/** Adds what a run took, if its results were right. */
function add(name: string, { difference, taken }: CountedRun): boolean {
  if (difference === null) {
    together = taken.map((own, i) => own | (together[i] ?? 0))
    return true
  }
  wrong++
  console.error(`${name}: ${difference}`)
  return false
}

for (const seed of GRAPHS) add(`graph ${seed}`, runGraph(seed))
const lines = (count: number): number[] => Array.from({ length: count }, (_, i) => FIRST_LINES + 8 * i)
const count = Number(values.choose ?? 0)
const wanted =
  values.choose === undefined ? [...fixedLines, ...fixedSeeds] : [...lines(count / 4), ...Array(count).keys()]
for (const seed of wanted) {
  const began = process.cpuUsage().user
  const came = run(networkOf(seed))
  const cost = (process.cpuUsage().user - began) / 1000
  if (!add(`network ${seed}`, came)) continue
  drawn.set(seed, { taken: came.taken, cost })
  if (values.choose === undefined && faults(points, together).length === 0) break
}
const missed = faults(points, together)
const byFile = shares(points, together)
for (const line of [...missed, ...shareLines(byFile)]) console.log(line)
const [own, asked] = [...byFile.values()].reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0])
console.log(`branches: ${own} of ${asked} outcomes taken by ${drawn.size} networks`)
if (values.choose !== undefined) {
  const those = (of: (seed: number) => boolean): Map<number, Drawn> =>
    new Map([...drawn].filter(([seed]) => of(seed)))
  const seeds = choose(
    those((seed) => seed < FIRST_LINES),
    Number(values.count),
  )
  const ofLines = choose(
    those((seed) => seed >= FIRST_LINES),
    LINES,
  )
  const file = new URL('../packages/trainer/src/programs/fixed.json', import.meta.url)
  writeFileSync(file, `${JSON.stringify({ seeds, lines: ofLines }, null, 2)}\n`)
  execFileSync(process.execPath, [
    fileURLToPath(import.meta.resolve('@biomejs/biome/bin/biome')),
    'check',
    '--write',
    fileURLToPath(file),
  ])
  console.log(`${seeds.length} networks of ${values.choose} are fixed, and ${ofLines.length} of lines`)
}
process.exit(wrong === 0 && missed.length === 0 && drawn.size > 0 ? 0 : 3)
