import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { resolveConfig, TrainingRun } from '@handgrad/trainer'
import { rangeOf } from '../bench/stats.ts'
import { writeBest, writeMetrics } from '../train/artifacts.ts'
import { newCheckpoints } from '../train/checkpoints.ts'
import { loadData, type NamedData } from '../train/load-data.ts'
import { openRunFolder } from '../train/run-folder.ts'
import type { Tally } from './tally.ts'

/** What saving may cost of a run with a checkpoint an epoch. */
const MOST = 0.02
const EPOCHS = 2

/** Trains the default preset on MNIST, and saves after each epoch what `train` saves, or nothing; gives the seconds. */
async function secondsOf(data: NamedData, folder: string | null): Promise<number> {
  const run = new TrainingRun(resolveConfig({ epochs: EPOCHS }), data)
  const runFolder = folder === null ? null : await openRunFolder(folder, 'cost')
  const checkpoints = runFolder && newCheckpoints(runFolder)
  const from = performance.now()
  try {
    for await (const { event } of run.events()) {
      // The test is the same for both, and saves nothing.
      if (run.isTrained && event === 'progress') break
      if (event !== 'epoch' || runFolder === null) continue
      if (run.best!.epoch === run.history.length) await writeBest(runFolder, run)
      await checkpoints!.save(run.state())
      await writeMetrics(runFolder, run.history)
    }
    return (performance.now() - from) / 1000
  } finally {
    await runFolder?.close()
  }
}

/** Compares runs that save with runs that do not, in pairs, each first in every other one. */
export async function savingCost(pairs: number, tally: Tally, print: (line: string) => void): Promise<void> {
  const data = await loadData(resolveConfig({}), undefined)
  const folder = mkdtempSync(join(tmpdir(), 'handgrad-cost-'))
  try {
    const parts: number[] = []
    await secondsOf(data, null)
    for (let pair = 0; pair < pairs; pair++) {
      const out = join(folder, String(pair))
      const order = pair % 2 === 0 ? [null, out] : [out, null]
      const seconds = new Map<string | null, number>()
      for (const to of order) seconds.set(to, await secondsOf(data, to))
      parts.push(seconds.get(out)! / seconds.get(null)! - 1)
    }
    const { median, low, high } = rangeOf(parts)
    const share = (value: number): string => `${(100 * value).toFixed(1)} %`
    print(
      `a checkpoint an epoch costs ${share(median)} of a run (${share(low)} to ${share(high)}, ${pairs} pairs); at most ${share(MOST)} may be`,
    )
    if (median <= MOST) tally.pass()
    else tally.fail(`saving costs ${share(median)}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
