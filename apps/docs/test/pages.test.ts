import type { FileScore } from '@handgrad/gradcheck'
import { readScores } from '@handgrad/gradcheck/node'
import { describe, expect, it } from 'vitest'
import { browserMissing } from '../../../scripts/browser.ts'
import { violations } from './axe.ts'
import { builtPages } from './pages.ts'
import { type Opened, serveSite } from './site.ts'

const missing = browserMissing()
const { prose, api } = missing ? { prose: [], api: [] } : builtPages()
/** One page of each kind is enough of the API reference, which is generated. */
const kinds = api.filter(
  (page, i) => i === api.findIndex((other) => other.split('/')[4] === page.split('/')[4]),
)

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

  it('has the course in an order, each chapter a page, each exercise one that there is', async () => {
    const { page } = await site.open('/course/')
    const chapters = await page
      .locator('[data-course] th[scope=row] a')
      .evaluateAll((all) => all.map((one) => new URL((one as HTMLAnchorElement).href).pathname))
    expect(chapters.filter((path) => !prose.includes(path))).toEqual([])
    const places = [
      '/layers/linear/',
      '/layers/relu/',
      '/layers/max-pool2d/',
      '/layers/conv1d/',
      '/layers/conv2d/',
      '/cross-entropy/',
      '/optimizers/',
      '/chain-rule/',
    ]
    expect(chapters.filter((path) => places.includes(path))).toEqual(places)
    const named = await page.locator('[data-course] td code').allInnerTexts()
    const { page: list } = await site.open('/exercises/')
    const known = new Set(
      (await list.locator('.output pre').innerText()).split('\n').map((line) => line.split(' ')[0]),
    )
    expect(named.length).toBeGreaterThan(6)
    expect(named.filter((id) => !known.has(id))).toEqual([])
  })

  it.each(['/proof/', '/speed/'])('%s lists all of its headings', async (path) => {
    const { page } = await site.open(path)
    const ids = await page
      .locator('main h2[id]:not(#starlight__on-this-page, #_top)')
      .evaluateAll((all) => all.map(({ id }) => id))
    const listed = await page
      .locator('.right-sidebar a')
      .evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).hash.slice(1)))
    expect(ids.filter((id) => !listed.includes(id))).toEqual([])
  })

  it('asks on each chapter of the course before it tells, and says whether one was right', {
    timeout: 180_000,
  }, async () => {
    const chapters = ['linear', 'relu', 'flatten', 'max-pool2d', 'conv2d', 'dropout'].map(
      (own) => `/layers/${own}/`,
    )
    for (const path of [...chapters, '/cross-entropy/', '/optimizers/', '/chain-rule/']) {
      const { page } = await site.open(path)
      const box = page.locator('.predict').first()
      expect(await box.locator('details').getAttribute('open'), path).toBeNull()
      await box.locator('button[data-right=false]').first().click()
      expect(await box.locator('.verdict').innerText()).toMatch(/^You said: .+\. Look again:$/)
      expect(await box.locator('details').getAttribute('open')).not.toBeNull()
      const right = box.locator('button[data-right=true]')
      expect(await right.count()).toBe(1)
      await right.click()
      expect(await box.locator('.verdict').innerText()).toBe('As you said.')
      expect(await box.locator('[aria-pressed=true]').count()).toBe(1)
      await page.context().close()
    }
  })

  it('shows of how many mistakes that nobody chose, by the committed record', async () => {
    const { page } = await site.open('/proof/')
    const record = readScores(new URL('../../../', import.meta.url))
    const sum = (of: (score: FileScore) => number): number =>
      record.reduce((total, score) => total + of(score), 0)
    const shown = page.locator('[data-caught][data-mutants]')
    expect(await shown.getAttribute('data-caught')).toBe(String(sum(({ caught }) => caught)))
    expect(await shown.innerText()).toContain(sum(({ mutants }) => mutants).toLocaleString('en'))
    const files = page.locator('#scores ~ details tbody tr')
    expect(await files.count()).toBe(record.length)
    const tried = await page
      .locator('[data-by-kind] tbody tr')
      .evaluateAll((rows) =>
        rows.map((row) => Number((row as HTMLTableRowElement).cells[2].textContent.replace(',', ''))),
      )
    expect(tried.reduce((total, n) => total + n, 0)).toBe(sum(({ mutants }) => mutants))
    expect(await page.locator('main').innerText()).not.toMatch(/not (part of|hunted in) this build/i)
  })

  it('has the source, the licence and how to cite on every page, and says what stands still without JavaScript', async () => {
    const { page } = await site.open('/layers/relu/', { javaScript: false })
    expect(await page.locator('.colophon a').allInnerTexts()).toEqual(
      expect.arrayContaining(['MIT licence', 'How to cite']),
    )
    expect(await page.locator('a[href="https://github.com/handgrad/handgrad"]').count()).toBeGreaterThan(0)
    expect(await page.locator('.no-script').isVisible()).toBe(true)
  })

  it('does not shift: what is on the right stays there while the page comes', async () => {
    const { page } = await site.open('/chain-rule/')
    const place = await page.evaluate(() => {
      // As it is while the text has not come yet.
      document.querySelector('.main-pane')!.remove()
      return document.querySelector('.right-sidebar')!.getBoundingClientRect().left
    })
    expect(place).toBeGreaterThan(700)
  })

  it('prints without what one presses', async () => {
    const { page } = await site.open('/layers/conv2d/')
    await page.emulateMedia({ media: 'print' })
    const seen = await page
      .locator('.tabs, .controls, .options, .transport, header.header')
      .evaluateAll((all) => all.filter((one) => getComputedStyle(one).display !== 'none').length)
    expect(seen).toBe(0)
    expect(await page.locator('.stage svg').first().isVisible()).toBe(true)
  })

  it('is there', () => {
    expect(prose.length).toBeGreaterThanOrEqual(20)
    expect(kinds.length).toBeGreaterThanOrEqual(4)
  })

  it.concurrent.for([...prose, ...kinds])(
    '%s is accessible, fits 360 px, asks no other host and throws nothing',
    { timeout: 180_000 },
    async (path, { expect: own }) => {
      const opened = await site.open(path)
      const { page, errors, foreign } = opened
      await wakeWidgets(page)
      // Both themes and both widths, in two looks: each takes seconds.
      for (const [theme, width] of [
        ['dark', 1280],
        ['light', 390],
      ] as const) {
        await page.locator('starlight-theme-select select').first().selectOption(theme)
        own(await page.locator('html').getAttribute('data-theme')).toBe(theme)
        await page.setViewportSize({ width, height: 800 })
        own(await violations(opened), `${theme}, ${width} px`).toEqual([])
      }
      await page.setViewportSize({ width: 360, height: 800 })
      own(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
      await own.poll(() => cutEquations(page), { timeout: 10_000 }).toEqual([])
      own(errors).toEqual([])
      own(foreign).toEqual([])
      await page.context().close()
    },
  )
})
