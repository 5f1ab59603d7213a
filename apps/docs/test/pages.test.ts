import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { builtPages } from './pages.ts'
import { browserMissing, type Opened, serveSite } from './site.ts'

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const missing = browserMissing()
const { prose, api } = missing ? { prose: [], api: [] } : builtPages()
/** One page of each kind is enough of the API reference, which is generated. */
const kinds = api.filter(
  (page, i) => i === api.findIndex((other) => other.split('/')[4] === page.split('/')[4]),
)

interface Violation {
  id: string
  nodes: { target: string[]; failureSummary?: string }[]
}

async function violations({ page }: Opened): Promise<string[]> {
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

/** Below the fold, widgets wake when they are scrolled to. */
async function wakeWidgets(page: Opened['page']): Promise<void> {
  await page.evaluate(async () => {
    for (let y = 0; y < document.body.scrollHeight; y += 600) {
      scrollTo(0, y)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    scrollTo(0, 0)
  })
  await page.waitForLoadState('networkidle')
}

/** Equations that do not fit their box. */
function cutEquations(page: Opened['page']): Promise<(string | null)[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('.derivation .equation')]
      .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
      .map((equation) => equation.getAttribute('aria-label')),
  )
}

describe.skipIf(missing)('every page', () => {
  const site = serveSite()

  it('is there', () => {
    expect(prose.length).toBeGreaterThanOrEqual(20)
    expect(kinds.length).toBeGreaterThanOrEqual(4)
  })

  it.each([...prose, ...kinds])(
    '%s is accessible, fits 360 px, asks no other host and throws nothing',
    async (path) => {
      const opened = await site.open(path)
      const { page, errors, foreign } = opened
      await wakeWidgets(page)
      for (const theme of ['dark', 'light']) {
        await page.locator('starlight-theme-select select').first().selectOption(theme)
        expect(await page.locator('html').getAttribute('data-theme')).toBe(theme)
        expect(await violations(opened), theme).toEqual([])
      }
      await page.setViewportSize({ width: 360, height: 800 })
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
      await expect.poll(() => cutEquations(page)).toEqual([])
      expect(errors).toEqual([])
      expect(foreign).toEqual([])
      await page.context().close()
    },
  )
})
