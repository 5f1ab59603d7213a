import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type PartName, type Report, sourcesHash } from '../../../cli/src/bench/report.ts'
import { root } from './source.ts'

const names: readonly PartName[] = ['speed', 'kernels', 'own-layer', 'memory', 'accuracy']

/** What `pnpm bench --save` measured of exactly these sources, and what it measured of others and is not shown. */
export interface Measured {
  readonly report: Report | null
  readonly refused: readonly PartName[]
}

/** The headings of what was measured, as the page has them. */
export const titles: Readonly<Record<PartName, readonly [slug: string, text: string]>> = {
  speed: ['images-per-second', 'Images per second'],
  kernels: ['kernels', 'Kernel by kernel'],
  'own-layer': ['own-layer', "A layer of one's own"],
  memory: ['memory', 'Memory'],
  accuracy: ['accuracy', 'Time to an accuracy'],
}

/** The headings that the page has in this build. */
export function headingsOfSpeed(): (readonly [slug: string, text: string])[] {
  const { report } = measured()
  return names.filter((name) => report?.[name] !== undefined).map((name) => titles[name])
}

/** @throws Error for results in another form. */
export function measured(): Measured {
  const file = join(root, 'bench/results.json')
  if (!existsSync(file)) return { report: null, refused: [] }
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report
  if (report.schema !== 1) throw new Error(`${file} has schema ${String(report.schema)}, expected 1`)
  const hash = sourcesHash(root)
  const refused = names.filter((name) => report[name] !== undefined && report[name].sources !== hash)
  const kept = Object.entries(report).filter(([name]) => !refused.includes(name as PartName))
  return { report: Object.fromEntries(kept) as unknown as Report, refused }
}
