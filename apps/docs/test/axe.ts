import { createRequire } from 'node:module'
import type { Opened } from './site.ts'

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

interface Violation {
  id: string
  nodes: { target: string[]; failureSummary?: string }[]
}

interface Axe {
  axe: { run(options: object): Promise<{ violations: Violation[] }> }
}

/** What axe finds wrong with a page as it is now, a line for each rule. */
export async function violations({ page }: Pick<Opened, 'page'>): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.addScriptTag({ path: axe })
  const found = await page.evaluate(() =>
    // Of rules that pass nobody reads the elements, and to name each takes as long as to look.
    (window as unknown as Axe).axe.run({ resultTypes: ['violations'], preload: false }),
  )
  return found.violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .slice(0, 3)
        .map(({ target }) => target.join(' '))
        .join(' | ')}`,
  )
}
