import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { numel } from '@handgrad/tensor'
import { type RunRecord, readRecord } from '../record.ts'
import type { Step } from '../replay.ts'

const folder = join(import.meta.dirname, '../../../../../fixtures/runs')

/**
 * True where whole runs are replayed on the plain backend too, which takes minutes: HANDGRAD_RUNS=all, as
 * `pnpm test:torch` sets it. The tests' names say how much is replayed.
 */
export const everything: boolean = process.env.HANDGRAD_RUNS === 'all'

/** Every recorded run. */
export const names: readonly string[] = readdirSync(folder)

/** The runs in one form: `float32`, `channels-last` or `float64`. */
export const runsIn = (form: string): string[] => names.filter((name) => name.endsWith(`-${form}`))

let last: { readonly name: string; readonly record: Promise<RunRecord> } | null = null

/** A recorded run; the one that was opened last is kept, and what a replay has found out about it with it. */
export function open(name: string): Promise<RunRecord> {
  if (last?.name !== name) last = { name, record: readRecord(join(folder, name)) }
  return last.record
}

export async function collect(steps: AsyncIterable<Step>): Promise<Step[]> {
  const collected: Step[] = []
  for await (const step of steps) collected.push(step)
  return collected
}

/** The share of compared elements that are only allowed because a decision was close. */
export function flippedShare(steps: readonly Step[]): number {
  const rows = steps.flatMap((step) => step.rows ?? [])
  const elements = rows.reduce((total, { shape }) => total + Math.min(numel(shape), 256), 0)
  return rows.reduce((total, { flipped }) => total + flipped, 0) / elements
}
