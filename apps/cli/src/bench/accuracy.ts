import { fileURLToPath } from 'node:url'
import { resolveConfig } from '@handgrad/trainer'
import { keepMemory } from './contenders.ts'
import type { Accuracy, Goal, GoalRow } from './report.ts'
import { rangeOf } from './stats.ts'
import { runToEnd, runTrain } from './train-process.ts'

/** The recipes were fixed on the validation part before the test set was read. */
export const goals = [
  { preset: 'fast', accuracy: 0.985 },
  { preset: 'accurate', accuracy: 0.99 },
] as const

type Run = GoalRow['runs'][number]

export interface AccuracyOptions {
  readonly seeds: number
  readonly python: string | null
  /** The folder of MNIST. */
  readonly mnist: string
  readonly note: (text: string) => void
}

const script = fileURLToPath(new URL('../../../../bench/peers/accuracy.py', import.meta.url))

/** Time from a cold start to the end of `train`, and of PyTorch doing the same, seeds in turn. */
export async function measureAccuracy(options: AccuracyOptions): Promise<Accuracy> {
  const measured: Goal[] = []
  for (const { preset, accuracy } of goals) {
    const { epochs, batchSize, optimizer, lr, momentum, schedule, shift, threads } = resolveConfig({ preset })
    const recipe = { epochs, batchSize, optimizer, lr, momentum, schedule, shift, threads }
    const runs: Record<string, Run[]> = {}
    for (let seed = 0; seed < options.seeds; seed++) {
      for (const [name, run] of contenders(preset, recipe, options)) {
        const done = { seed, ...(await run(seed)) }
        options.note(`${preset}, seed ${seed}: ${name} ${done.seconds.toFixed(1)} s, ${done.testAccuracy}`)
        runs[name] = [...(runs[name] ?? []), done]
      }
    }
    const rows = Object.entries(runs).map(([name, list]) => rowOf(name, list, accuracy))
    measured.push({ preset, accuracy, recipe, contenders: rows })
  }
  return { goals: measured }
}

type Contender = [name: string, run: (seed: number) => Promise<{ seconds: number; testAccuracy: number }>]

function contenders(preset: string, recipe: object, { python, mnist }: AccuracyOptions): Contender[] {
  const ours =
    (flags: readonly string[]) =>
    async (seed: number): Promise<{ seconds: number; testAccuracy: number }> => {
      const { seconds, testAccuracy } = await runTrain(['--preset', preset, '--seed', String(seed)], flags)
      return { seconds, testAccuracy }
    }
  const theirs = async (seed: number): Promise<{ seconds: number; testAccuracy: number }> => {
    const { seconds, out } = await runToEnd(
      python!,
      [script, mnist, JSON.stringify({ ...recipe, seed })],
      keepMemory,
    )
    return { seconds, ...(JSON.parse(out) as { testAccuracy: number }) }
  }
  return [['handgrad train', ours([])], ...(python === null ? [] : [['PyTorch', theirs] satisfies Contender])]
}

function rowOf(name: string, runs: readonly Run[], accuracy: number): GoalRow {
  const testAccuracy = rangeOf(runs.map((run) => run.testAccuracy))
  const seconds = rangeOf(runs.map((run) => run.seconds))
  return { name, seconds, testAccuracy, reached: testAccuracy.median >= accuracy, runs }
}
