import type { LogKind, Measures } from './log.ts'

/** The columns, named as in `metrics.jsonl`. */
const columns = [
  'event',
  'epoch',
  'lr',
  'trainLoss',
  'trainAccuracy',
  'validationLoss',
  'validationAccuracy',
  'testLoss',
  'testAccuracy',
  'seconds',
  'imagesPerSecond',
] as const

/** `metrics.csv`: a header, a row an epoch, and one of the test; what an event has not is empty. */
export const csv: LogKind = {
  file: 'metrics.csv',
  open: () => (measures: Measures) => {
    const rows = measures.map((event) => {
      const values = { ...event } as unknown as Readonly<Record<string, string | number | undefined>>
      return columns.map((name) => String(values[name] ?? ''))
    })
    return Buffer.from([columns, ...rows].map((row) => `${row.join(',')}\n`).join(''))
  },
}
