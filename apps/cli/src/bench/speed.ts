import type { Contender } from './contenders.ts'
import { Program } from './program.ts'
import type { SpeedRow, SpeedSetting } from './report.ts'
import { type Entrant, measure, type RoundOptions, ratiosOf, runRounds } from './rounds.ts'
import type { Setting } from './serve.ts'
import { rangeOf } from './stats.ts'

/** A contender whose step takes longer is left out: it could not be run often enough. */
const SLOWEST_STEP_S = 3

export interface SpeedOptions extends RoundOptions {
  readonly threads: readonly number[]
}

type LeftOut = { name: string; reason: string }
type Tried = SpeedRow['tried'][number]

/** Keeps the programs of some contenders from one setting to the next. */
export class SpeedTest {
  readonly #programs: readonly { contender: Contender; program: Program }[]
  /** Why a configuration was left out of a network and mode: a larger batch takes no less time. */
  readonly #slow = new Map<string, string>()

  constructor(contenders: readonly Contender[]) {
    this.#programs = contenders.map((contender) => ({ contender, program: new Program(contender.launch) }))
  }

  /** Everyone at one setting: each name stands for its fastest configuration. */
  async measure(setting: Setting, options: SpeedOptions): Promise<SpeedSetting> {
    const leftOut: LeftOut[] = []
    const candidates: Entrant[] = []
    for (const { contender, program } of this.#programs) {
      const threads = contender.threads(setting, options.threads)
      if (threads.length === 0) continue
      const key = [fullName(contender), setting.network, setting.mode].join()
      const slow = this.#slow.get(key)
      if (slow !== undefined) {
        leftOut.push({ name: fullName(contender), reason: slow })
        continue
      }
      try {
        await prepare(contender, program, setting, threads)
        candidates.push(...threads.map((count) => ({ contender, program, threads: count, speeds: [] })))
      } catch (error) {
        const reason = (error as Error).message
        leftOut.push({ name: fullName(contender), reason })
        if (error instanceof TooSlow) this.#slow.set(key, `${reason} at batch ${setting.batch}`)
      }
    }
    const chosen = await choose(candidates, options.milliseconds)
    const entrants = chosen.map(({ entrant }) => entrant)
    await runRounds(entrants, options)
    const speeds = chosen.map(({ entrant, tried }) => rowOf(entrant, tried))
    return { ...setting, speeds, ratios: ratiosOf(entrants), leftOut }
  }

  /** Ends all programs; they are started again when they are needed. */
  stop(): void {
    for (const { program } of this.#programs) program.stop()
  }
}

class TooSlow extends Error {}

const fullName = ({ name, configuration }: Contender): string =>
  configuration === '' ? name : `${name} (${configuration})`

async function prepare(
  { patience }: Contender,
  program: Program,
  setting: Setting,
  threads: readonly number[],
): Promise<void> {
  const { step = 0 } = await program.ask({ prepare: { ...setting, threads } }, patience)
  if (step <= SLOWEST_STEP_S) return
  const speed = (setting.batch / step).toPrecision(2)
  throw new TooSlow(`one step takes ${step.toFixed(1)} s (${speed} images/s)`)
}

/** The fastest configuration of each name and number of threads, after two short runs of each in turn. */
async function choose(
  candidates: readonly Entrant[],
  milliseconds: number,
): Promise<{ entrant: Entrant; tried: Tried[] }[]> {
  const groups = Object.values(Object.groupBy(candidates, (c) => `${c.contender.name} ${c.threads}`))
  const chosen: { entrant: Entrant; tried: Tried[] }[] = []
  for (const group of groups as Entrant[][]) {
    const best = new Map(group.map((entrant) => [entrant, 0]))
    for (const entrant of group.length > 1 ? [...group, ...group] : []) {
      best.set(entrant, Math.max(best.get(entrant)!, await measure(entrant, milliseconds)))
    }
    const ranked = group.toSorted((a, b) => best.get(b)! - best.get(a)!)
    const tried = group.map((entrant) => ({
      configuration: entrant.contender.configuration,
      imagesPerSecond: best.get(entrant)!,
    }))
    chosen.push({ entrant: ranked[0], tried: group.length > 1 ? tried : [] })
  }
  return chosen
}

function rowOf({ contender, threads, speeds }: Entrant, tried: Tried[]): SpeedRow {
  const { name, configuration, ours } = contender
  return { name, configuration, threads, ours, imagesPerSecond: rangeOf(speeds), tried }
}
