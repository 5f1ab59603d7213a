import { backends } from '@handgrad/tensor'
import { ourLaunch, PATIENCE_MS } from './contenders.ts'
import { type Launch, Program } from './program.ts'
import type { ComparedRow, ComparedSetting, Comparison } from './report.ts'
import type { Setting } from './serve.ts'
import { FEWEST, medianRange, rangeOf } from './stats.ts'

export interface CompareOptions {
  readonly settings: readonly Setting[]
  readonly threads: readonly number[]
  /** Without and with `--turbo`. */
  readonly turbo: readonly boolean[]
  /** Pairs of processes for each setting. */
  readonly pairs: number
  /** Length of one measurement. */
  readonly milliseconds: number
  /** Seconds after which no pair of a setting is begun when the fewest that give a range are there. */
  readonly budget: number
}

/** The folders of both builds. */
export interface Builds {
  readonly own: string
  readonly other: string
}

export interface CompareHooks {
  /** Told each setting's rows when they are there. */
  readonly show: (rows: readonly ComparedRow[]) => void
  /** True ends it after the pair that is being measured. */
  readonly stopped: () => boolean
}

/** Turns of a pair: in each, each side is measured once on each number of threads. */
const TURNS = 8

/** Our build against another one at every setting, without and with `--turbo`. */
export async function compareBuilds(
  builds: Builds,
  mnist: string,
  options: CompareOptions,
  { show, stopped }: CompareHooks,
): Promise<Pick<Comparison, 'rows' | 'leftOut'>> {
  const rows: ComparedRow[] = []
  const leftOut: Comparison['leftOut'][number][] = []
  const backend = backends().at(-1)!
  const all = options.settings.flatMap((setting) => options.turbo.map((turbo) => ({ ...setting, turbo })))
  for (const setting of all) {
    if (stopped()) break
    const launch = (folder: string): Launch =>
      ourLaunch(folder, mnist, backend, setting.turbo ? ['turbo'] : [])
    const sides = { own: launch(builds.own), other: launch(builds.other) }
    try {
      const measured = await measurePairs(sides, setting, options, stopped)
      const made = [...measured].map(([threads, pairs]) => rowOf({ ...setting, backend, threads }, pairs))
      show(made)
      rows.push(...made)
    } catch (error) {
      leftOut.push({ ...setting, reason: (error as Error).message })
    }
  }
  return { rows, leftOut }
}

/** Images per second of both sides, measured one right after the other. */
export interface Turn {
  readonly own: number
  readonly other: number
}

type Side = keyof Turn
type Launches = Readonly<Record<Side, Launch>>

/**
 * The turns of every pair, by threads. A pair is two fresh processes: where its memory came to lie makes one a little
 * faster than the next for all of its life. Who is first alternates from pair to pair and from turn to turn.
 */
async function measurePairs(
  launches: Launches,
  { network, mode, batch }: Setting,
  { threads, pairs, milliseconds, budget }: CompareOptions,
  stopped: () => boolean,
): Promise<Map<number, Turn[][]>> {
  const measured = new Map<number, Turn[][]>(threads.map((count) => [count, []]))
  const until = performance.now() + budget * 1000
  for (let pair = 0; pair < pairs; pair++) {
    if (stopped() || (pair >= FEWEST && performance.now() > until)) break
    const programs = { own: new Program(launches.own), other: new Program(launches.other) }
    try {
      const order: readonly Side[] = pair % 2 === 0 ? ['own', 'other'] : ['other', 'own']
      const prepare = { network, mode, batch, threads }
      for (const side of order) await ask(programs, side, { prepare })
      for (const count of threads) measured.get(count)!.push([])
      for (let turn = 0; turn < TURNS; turn++) {
        const sides = turn % 2 === 0 ? order : order.toReversed()
        for (const count of threads) {
          const speeds = { own: 0, other: 0 }
          for (const side of sides) {
            const { images, seconds } = await ask(programs, side, { run: { threads: count, milliseconds } })
            speeds[side] = images! / seconds!
          }
          measured.get(count)!.at(-1).push(speeds)
        }
      }
    } finally {
      for (const program of Object.values(programs)) program.stop()
    }
  }
  return measured
}

async function ask(
  programs: Readonly<Record<Side, Program>>,
  side: Side,
  request: Parameters<Program['ask']>[0],
): ReturnType<Program['ask']> {
  try {
    const patience = PATIENCE_MS + ('run' in request ? request.run.milliseconds : 0)
    return await programs[side].ask(request, patience)
  } catch (error) {
    const name = side === 'own' ? 'this build' : 'the other build'
    throw new Error(`${name}: ${(error as Error).message}`, { cause: error })
  }
}

/**
 * How many times as fast ours is: a pair's ratio is the median of its turns', and the row's range is that of the pairs'.
 * @throws RangeError for too few pairs.
 */
export function rowOf(setting: ComparedSetting, pairs: readonly (readonly Turn[])[]): ComparedRow {
  const ratios = pairs.map((turns) => rangeOf(turns.map(({ own, other }) => own / other)).median)
  const speed = (side: Side): number => rangeOf(pairs.flat().map((turn) => turn[side])).median
  return {
    ...setting,
    ratio: medianRange(ratios),
    pairs: ratios,
    imagesPerSecond: { own: speed('own'), other: speed('other') },
  }
}
