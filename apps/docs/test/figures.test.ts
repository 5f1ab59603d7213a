import { describe, expect, it } from 'vitest'
import { browserMissing } from '../../../scripts/browser.ts'
import { type Opened, serveSite } from './site.ts'

type Page = Opened['page']

/** How each part of a drawing looks: of the page's own, or of one that no style sheet of the page reaches. */
function stylesOf(page: Page, source: string | null): Promise<Record<string, string>[]> {
  return page.evaluate((text) => {
    const own = document.querySelector('.take')!.closest('.widget')!.querySelector('svg')!
    const host = document.createElement('div')
    if (text !== null) {
      const file = new DOMParser().parseFromString(text, 'image/svg+xml')
      if (file.querySelector('parsererror') !== null) throw new Error('the drawing is not well formed')
      host.attachShadow({ mode: 'open' }).append(document.importNode(file.documentElement, true))
      document.body.append(host)
    }
    // The ground that a drawing alone has comes first.
    const parts =
      text === null
        ? own.querySelectorAll('*')
        : host.shadowRoot!.querySelectorAll('svg > rect:first-child ~ *, svg > :not(rect:first-child) *')
    return Array.from(parts, (part) => {
      const { strokeWidth, opacity, textAnchor, fontSize } = getComputedStyle(part)
      return { name: part.tagName, strokeWidth, opacity, textAnchor, fontSize }
    })
  }, source)
}

describe.skipIf(browserMissing())('a picture is taken along', { timeout: 120_000 }, () => {
  const site = serveSite()

  async function copied(path: string, button: string): Promise<{ page: Page; text: string }> {
    const { page, errors } = await site.open(path)
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    const take = page.locator('.take').first()
    await take.scrollIntoViewIfNeeded()
    await page.waitForFunction(
      () => !document.querySelector('.take')!.closest('astro-island')?.hasAttribute('ssr'),
    )
    // What still appears would be copied half appeared.
    await page.waitForFunction(() =>
      document.getAnimations().every(({ playState }) => playState === 'finished'),
    )
    await take.getByRole('button', { name: button }).click()
    await expect.poll(() => take.locator('[role=status]').innerText()).toMatch(/is in the clipboard/)
    expect(errors).toEqual([])
    return { page, text: await page.evaluate(() => navigator.clipboard.readText()) }
  }

  it.each([
    '/layers/conv2d/?stage.mode=fan&stage.at=2.2',
    '/layers/relu/',
    '/layers/linear/',
    '/optimizers/',
    '/cross-entropy/',
  ])('%s, as SVG: a drawing that looks the same without the page', async (path) => {
    const { page, text } = await copied(path, 'Copy as SVG')
    expect(text).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)
    expect(text).not.toMatch(/class=|var\(|color\(srgb|data-|<script/)
    const alone = await stylesOf(page, text)
    const within = await stylesOf(page, null)
    expect(alone.length).toBeGreaterThan(5)
    expect(alone).toEqual(within)
  })

  it('to embed: a frame in another page shows the picture as it stood, and nothing else', async () => {
    const { text } = await copied('/layers/conv2d/?stage.mode=fan&stage.at=1.1', 'Copy to embed')
    const address = /^<iframe src="([^"]+)" title="[^"]+" width="\d+" height="\d+"/
      .exec(text)![1]
      .replaceAll('&amp;', '&')
    const asked = new URL(address)
    expect([asked.searchParams.get('embed'), asked.searchParams.get('stage.mode')]).toEqual(['1', 'fan'])
    const { page, errors } = await site.open(asked.pathname + asked.search, { width: 720 })
    const seen = (selector: string) => page.locator(selector).first().isVisible()
    expect(await seen('[data-widget=stage-conv2d]')).toBe(true)
    for (const gone of ['header.header', 'h1', '.derivation', '[data-explorer]', '.colophon', '.take'])
      expect(await seen(gone), gone).toBe(false)
    expect(await page.locator('.embedded-from a').getAttribute('href')).toBe('/layers/conv2d/')
    expect(await seen('.embedded-from')).toBe(true)
    await page.locator('[data-widget=stage-conv2d] input[name=place]').fill('3')
    expect(new URL(page.url()).searchParams.get('embed')).toBe('1')
    const height = await page.evaluate(() => document.documentElement.scrollHeight)
    expect(height).toBeLessThan(1500)
    expect(errors).toEqual([])
  })
})
