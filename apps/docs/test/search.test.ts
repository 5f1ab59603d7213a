import { describe, expect, it } from 'vitest'
import { browserMissing, serveSite } from './site.ts'

/** As much of Pagefind's own interface as is used. */
interface Pagefind {
  search(query: string): Promise<{ results: { data(): Promise<{ url: string; excerpt: string }> }[] }>
}

describe.skipIf(browserMissing())('the search', () => {
  const site = serveSite()

  /** The addresses that a query finds, the best first. */
  async function find(query: string): Promise<string[]> {
    const { page } = await site.open('/errata/')
    return page.evaluate(async (words) => {
      const pagefind = (await import(
        /* @vite-ignore */ `${location.origin}/pagefind/pagefind.js`
      )) as Pagefind
      const { results } = await pagefind.search(words)
      const found = await Promise.all(results.map((result) => result.data()))
      return found.map(({ url }) => new URL(url, location.href).pathname)
    }, query)
  }
  const isApi = (path: string): boolean => path.startsWith('/api/')

  it.each([
    ['im2col', '/layers/conv2d/'],
    ['vanishing', '/chain-rule/'],
    ['padding', '/layers/conv2d/'],
    ['cross-correlation', '/layers/conv2d/'],
  ])('%s: prose comes before the API, and the chapter first', async (query, chapter) => {
    const found = await find(query)
    expect(found[0]).toBe(chapter)
    const api = found.findIndex(isApi)
    const pages = api < 0 ? found : found.slice(0, api)
    expect(found.slice(pages.length).every(isApi)).toBe(true)
  })
})
