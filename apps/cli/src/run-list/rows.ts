import { relative } from 'node:path'
import { modelName } from '../network/own-network.ts'
import { bestOf, type Run } from './read-run.ts'

/** A run on one line. */
export interface RunRow {
  /** Its folder, from where the user stands. */
  readonly run: string
  readonly model: string
  readonly dataset: string
  readonly seed: number | null
  /** Whole epochs so far, and how many were asked for. */
  readonly epochs: number
  readonly of: number | null
  /** Of the epoch that was best on the validation part. */
  readonly bestEpoch: number | null
  readonly validationLoss: number | null
  readonly validationAccuracy: number | null
  readonly testLoss: number | null
  readonly testAccuracy: number | null
  readonly seconds: number
}

/** What runs are put in order by; the test set is read to report, not to choose by. */
export const orders = ['validation', 'loss', 'test', 'name'] as const
export type Order = (typeof orders)[number]

export function rowOfRun(run: Run, from: string): RunRow {
  const { config, epochs, done, path } = run
  const best = bestOf(run)
  return {
    run: relative(from, path) || '.',
    model: modelName(text(config.model)),
    dataset: text(config.dataset),
    seed: number(config.seed),
    epochs: epochs.length,
    of: number(config.epochs),
    bestEpoch: best?.epoch ?? null,
    validationLoss: best?.validationLoss ?? null,
    validationAccuracy: best?.validationAccuracy ?? null,
    testLoss: done?.testLoss ?? null,
    testAccuracy: done?.testAccuracy ?? null,
    seconds: done?.seconds ?? epochs.reduce((sum, { seconds }) => sum + seconds, 0),
  }
}

/** The best first; what has no such number comes last, and equals stay as they were. */
export function inOrder(rows: readonly RunRow[], by: Order): RunRow[] {
  const value = ({ validationAccuracy, validationLoss, testAccuracy }: RunRow): number | null => {
    if (by === 'validation') return validationAccuracy
    if (by === 'loss') return validationLoss === null ? null : -validationLoss
    return by === 'test' ? testAccuracy : 0
  }
  return rows.toSorted((a, b) => (value(b) ?? -Infinity) - (value(a) ?? -Infinity) || 0)
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '?')
const number = (value: unknown): number | null => (typeof value === 'number' ? value : null)
