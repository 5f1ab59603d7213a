import type { Memory } from './report.ts'
import { runTrain } from './train-process.ts'

/** The runs whose memory is told: the default one, and a large batch of a large network. */
const RUNS = ['', '--model wide --batch-size 256 --epochs 1']

/** The largest resident memory of whole `train` processes, workers and charts included. */
export async function measureMemory(): Promise<Memory> {
  const runs: Memory['runs'][number][] = []
  for (const options of RUNS) {
    const { largestResidentMB } = await runTrain(options === '' ? [] : options.split(' '))
    runs.push({ command: `train ${options}`.trim(), largestResidentMB })
  }
  return { runs }
}
