import { parseArgs } from 'node:util'
import { savingCost } from './cost.ts'
import { damages } from './damages.ts'
import { disturbed, everyFault, everyRefusal, newPlace } from './kills.ts'
import { fuzzParsers } from './parsers.ts'
import { Tally } from './tally.ts'

/**
 * Kills training runs and damages what they saved: each has to come to the bits of one that nothing disturbed. Then gives
 * malformed bytes to every parser, and measures what saving costs.
 *
 *     pnpm test:survive [--kills 500] [--faults 60] [--inputs 100000] [--seed 7] [--pairs 7] [--only kills,faults,disk,damage,parsers,cost]
 *
 * `--faults`: so many of the moments at which a save can break off or the disk can refuse, evenly; all of them unless given.
 */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '500' },
    faults: { type: 'string', default: 'Infinity' },
    inputs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    only: { type: 'string', default: 'faults,kills,disk,damage,parsers,cost' },
    pairs: { type: 'string', default: '7' },
  },
})
const parts = values.only.split(',')
const print = (line: string): void => console.log(line)
const tally = new Tally(print)
let state = Number(values.seed)

/** A number of [0, 1), the same ones for a seed. */
function random(): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return state / 2 ** 32
}

/** So many of a list, evenly: all where there are no more. */
function evenly<T>(list: readonly T[], count: number): T[] {
  const each = Math.max(1, list.length / count)
  return list.filter((_, i) => Math.floor(i / each) !== Math.floor((i - 1) / each))
}

print(`seed ${values.seed}`)
if (parts.some((part) => !['parsers', 'cost'].includes(part))) {
  const place = await newPlace()
  try {
    const faults = evenly(everyFault(place), Number(values.faults))
    print(
      `a run writes, syncs, renames and removes ${place.steps.length} times and takes ${(place.duration / 1000).toFixed(1)} s`,
    )
    if (parts.includes('faults')) {
      for (const fault of faults) await disturbed(place, [{ fault }], tally)
      print(
        `killed before, in and after each of them: ${tally.kills} kills; ${tally.passed} passed, ${tally.failed} failed`,
      )
    }
    if (parts.includes('kills')) {
      while (tally.kills < Number(values.kills)) {
        const signals = Array.from({ length: 1 + Math.floor(random() * 3) }, () => [
          { name: 'SIGKILL' as const, after: random() * place.duration * 1.1 },
        ])
        await disturbed(
          place,
          signals.map((list) => ({ signals: list })),
          tally,
        )
      }
      print(
        `killed at random moments, up to three times a run: ${tally.kills} kills in all; ${tally.passed} passed, ${tally.failed} failed`,
      )
    }
    if (parts.includes('disk')) {
      const refusals = evenly(everyRefusal(place), Number(values.faults))
      for (const fault of refusals) await disturbed(place, [{ fault }], tally)
      print(
        `a full or broken disk at each of them: ${refusals.length} faults; ${tally.passed} passed, ${tally.failed} failed`,
      )
    }
    if (parts.includes('damage'))
      await damages(place, evenly(place.steps, Number(values.faults)).length, tally, print)
  } finally {
    place.remove()
  }
}
if (parts.includes('parsers')) await fuzzParsers(Number(values.inputs), Number(values.seed), tally, print)
if (parts.includes('cost')) await savingCost(Number(values.pairs), tally, print)
print(`${tally.passed} passed, ${tally.failed} failed`)
process.exitCode = tally.failed > 0 ? 1 : 0
