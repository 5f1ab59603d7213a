import type {
  Accuracy,
  ComparedRow,
  Comparison,
  KernelRun,
  Memory,
  OwnLayer,
  RatioRow,
  SpeedSetting,
} from './report.ts'
import type { Range } from './stats.ts'

const count = (value: number): string => Math.round(value).toLocaleString('en')
const rangeText = ({ median, low, high }: Range, text: (value: number) => string): string =>
  `${text(median)} (${text(low)} to ${text(high)})`
const times = (value: number): string => `${value.toPrecision(3)}×`

/** A setting as a table: who, on how many threads, how fast; then how many times as fast as the peers ours is. */
export function speedTable({ network, mode, batch, speeds, ratios, leftOut }: SpeedSetting): string[] {
  const verb = mode === 'train' ? 'training' : 'inference'
  return [
    `${network}, ${verb}, batch ${batch}`,
    ...speeds.map(({ name, configuration, threads, imagesPerSecond }) => {
      const how = configuration === '' || name.startsWith('handgrad') ? '' : ` (${configuration})`
      const on = threads === 1 ? '1 thread ' : `${threads} threads`
      return `  ${on}  ${rangeText(imagesPerSecond, count).padEnd(32)} images/s  ${name}${how}`
    }),
    ...ratios.filter(worthALine).map((row) => `  ${ratioLine(row)}`),
    ...leftOut.map(({ name, reason }) => `  left out: ${name}: ${reason}`),
    '',
  ]
}

/** The table tells how those of ours on the last backend, the fastest, compare; the report has all pairs. */
function worthALine({ name, against }: RatioRow, _: number, all: readonly RatioRow[]): boolean {
  const backend = all.at(-1)!.name.split(' ')[1]
  if (name.split(' ')[1] !== backend) return false
  const isLoop = name.includes(' loop') && against === `handgrad ${backend}`
  return name === against || isLoop || !against.startsWith('handgrad')
}

/** A setting's rows: how many times as fast as the other build this one is, and the range of that. */
export function comparedLines(rows: readonly ComparedRow[]): string[] {
  return rows.map(({ ratio, pairs, threads, imagesPerSecond: { own, other }, ...setting }) => {
    const range = `${ratio.median.toFixed(3)}×, 95 % range ${ratio.low.toFixed(3)} to ${ratio.high.toFixed(3)}`
    const on = threads === 1 ? '1 thread' : `${threads} threads`
    return `${comparedName(setting)}, ${on}: ${range} (${pairs.length} pairs; ${count(own)} and ${count(other)} images/s)`
  })
}

type ComparedName = Pick<ComparedRow, 'network' | 'mode' | 'batch' | 'turbo'>
const comparedName = ({ network, mode, batch, turbo }: ComparedName): string =>
  `${network}, ${mode === 'train' ? 'training' : 'inference'}, batch ${batch}${turbo ? ', turbo' : ''}`

/** What could not be compared, and why. */
export const leftOutLines = ({ leftOut }: Pick<Comparison, 'leftOut'>): string[] =>
  leftOut.map(({ reason, ...setting }) => `left out: ${comparedName(setting)}: ${reason}`)

function ratioLine({ name, threads, against, againstThreads, ratio, counted, run }: RatioRow): string {
  const result = ratio === null ? 'not steady' : rangeText(ratio, times)
  return `${result.padEnd(32)} ${name} on ${threads} : ${against} on ${againstThreads}; ${counted} of ${run} pairs count`
}

export function kernelTable({
  network,
  batch,
  backend,
  turbo,
  peakGFLOPS,
  copyGBs,
  kernels,
}: KernelRun): string[] {
  const head = `${network}, training, batch ${batch}, ${backend}${turbo ? ' turbo' : ''}, 1 thread`
  const lines = kernels.map((row) => {
    const speed =
      row.gflops === null ? '' : `${row.gflops.toFixed(1)} GFLOPS, ${percent(row.shareOfPeak!)} of the peak`
    const bytes = row.gigabytesPerSecond === null ? '' : `${row.gigabytesPerSecond.toFixed(1)} GB/s`
    const time = `${row.microsecondsPerImage.toFixed(2)} µs an image`.padStart(18)
    return `  ${time} ${percent(row.share).padStart(5)}  ${`${row.kernel} ${row.role}`.padEnd(46)} ${bytes.padEnd(11)} ${speed}`
  })
  return [`${head}: peak ${peakGFLOPS.toFixed(1)} GFLOPS, copy ${copyGBs.toFixed(1)} GB/s`, ...lines, '']
}

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`

/** What a layer of one's own costs beyond itself. */
export function ownLayerTable({ rows }: OwnLayer): string[] {
  const lines = rows.map(({ place, part }) => {
    const cost = rangeText(part, (value) => value.toFixed(2))
    return `  ${cost.padEnd(24)} of the loop without, beyond its own two passes: LeakyReLU, ${place}`
  })
  return ["README's loop with a layer of one's own, batch 64, 1 thread", ...lines, '']
}

export function memoryTable({ runs }: Memory): string[] {
  return [
    ...runs.map((run) => `${run.largestResidentMB.toFixed(0).padStart(5)} MB at most  ${run.command}`),
    '',
  ]
}

export function accuracyTable({ goals }: Accuracy): string[] {
  return goals.flatMap(({ preset, accuracy, contenders }) => [
    `to ${(accuracy * 100).toFixed(1)} %, preset ${preset}`,
    ...contenders.map(({ name, seconds, testAccuracy, reached }) => {
      const wall = rangeText(seconds, (value) => value.toFixed(1))
      const share = rangeText(testAccuracy, (value) => (value * 100).toFixed(2))
      return `  ${wall.padEnd(22)} s  ${share.padEnd(26)} %  ${reached ? 'reached' : 'NOT reached'}  ${name}`
    }),
    '',
  ])
}
