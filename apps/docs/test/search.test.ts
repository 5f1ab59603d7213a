import { beforeAll, describe, expect, it } from 'vitest'
import { browserMissing } from '../../../scripts/browser.ts'
import { searchWeight } from '../src/lib/search-weight.ts'
import { type Opened, serveSite } from './site.ts'

describe.skipIf(browserMissing())('the search', () => {
  const site = serveSite()

  let page: Opened['page']
  beforeAll(async () => {
    ;({ page } = await site.open('/errata/'))
    await page.locator('button[data-open-modal]').first().click()
  })

  /** The addresses of the pages that one is shown first. */
  async function find(query: string): Promise<string[]> {
    const links = page.locator('.pagefind-ui__result-title:not(.pagefind-ui__result-nested *) a')
    const input = page.locator('.pagefind-ui__search-input')
    await input.fill('')
    await links.first().waitFor({ state: 'detached' })
    await input.fill(query)
    await links.first().waitFor()
    await page.waitForTimeout(1000)
    return links.evaluateAll((all) => all.map((one) => new URL((one as HTMLAnchorElement).href).pathname))
  }
  const isApi = (path: string): boolean => path.startsWith('/api/')

  it.each([
    ['im2col', '/layers/conv2d/'],
    ['vanishing', '/chain-rule/'],
    ['padding', '/layers/conv2d/'],
    ['cross-correlation', '/layers/conv2d/'],
  ])('%s: the chapter first, prose before the API', async (query, chapter) => {
    const found = await find(query)
    expect(found[0]).toBe(chapter)
    const api = found.findIndex(isApi)
    expect(found.slice(api < 0 ? found.length : api).every(isApi), found.join(' ')).toBe(true)
  })

  it.each([
    ['Adam', '/optimizers/'],
    ['dropout', '/layers/dropout/'],
  ])('%s is a class and has a chapter: the chapter is first', async (query, chapter) => {
    expect((await find(query))[0]).toBe(chapter)
  })

  it.each(['im2col', 'vanishing'])('%s finds no code that only looks like it', async (query) => {
    const found = await find(query)
    expect(found.length).toBeLessThanOrEqual(2)
  })
})

describe('a word', () => {
  it.each([
    ['layers/conv2d', 6],
    ['chain-rule', 6],
    ['gradcheck', 1],
    ['404', 1],
    ['conformance', 0.4],
    ['api/handgrad/layers', 0.1],
  ])('on %s counts %d', (id, weight) => {
    expect(searchWeight(id)).toBe(weight)
  })
})
