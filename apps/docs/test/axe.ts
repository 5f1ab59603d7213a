import { createRequire } from 'node:module'
import type { Opened } from './site.ts'

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

interface Violation {
  id: string
  nodes: { target: string[]; failureSummary?: string }[]
}

/** What axe finds wrong with a page as it is now, a line for each rule. */
export async function violations({ page }: Pick<Opened, 'page'>): Promise<string[]> {
  await page.addScriptTag({ path: axe })
  const found = await page.evaluate(() =>
    (window as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }).axe.run(),
  )
  return found.violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .slice(0, 3)
        .map(({ target }) => target.join(' '))
        .join(' | ')}`,
  )
}
