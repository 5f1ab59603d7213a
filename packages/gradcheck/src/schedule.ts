import { type Tensor, tensor } from '@handgrad/tensor'
import type { ScheduleCase, ScheduleSpec } from './spec.ts'

/** The rates before each step, in float64: `lr`, and `momentum` where the optimizer has one. */
export function runSchedule(spec: ScheduleSpec, item: ScheduleCase): Record<string, Tensor> {
  const schedule = spec.create(item)
  const rows: Record<string, number>[] = []
  for (let step = 0; step < item.steps; step++) {
    rows.push({ ...schedule.rates() })
    schedule.step()
  }
  const names = Object.keys(rows[0] ?? {})
  return Object.fromEntries(names.map((name) => [name, tensor(Float64Array.from(rows, (row) => row[name]))]))
}
