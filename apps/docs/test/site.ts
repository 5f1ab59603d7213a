import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { launch } from '../../../scripts/browser.ts'
import { type PlainServer, plainServer } from './plain-server.ts'

const here = join(import.meta.dirname, '..')

/** A page of the built site, and what went wrong in it. */
export interface Opened {
  readonly page: Page
  /** Errors of scripts and messages of the console's error kind. */
  readonly errors: string[]
  /** Addresses of other hosts that were asked for. */
  readonly foreign: string[]
}

export interface OpenOptions {
  width?: number
  theme?: 'light' | 'dark'
  javaScript?: boolean
}

/** A page that asks for nothing in so many milliseconds, and has nothing to do, has settled. */
const QUIET_MS = 120

/** Watches what a page asks for: says whether it asked for nothing since the last time, and waits for nothing. */
function traffic(page: Page): () => boolean {
  let [asked, answered, before] = [0, 0, 0]
  page.on('request', () => asked++)
  page.on('requestfinished', () => answered++)
  page.on('requestfailed', () => answered++)
  return () => {
    const isQuiet = asked === before && answered >= asked
    before = asked
    return isQuiet
  }
}

/** Waits until a page asks for nothing more: all that wakes by itself is awake. */
async function settle(page: Page, isQuiet: () => boolean): Promise<void> {
  do {
    await page.evaluate(() => new Promise((resolve) => void requestIdleCallback(resolve)))
    await page.waitForTimeout(QUIET_MS)
  } while (!isQuiet())
}

/** The built site, served, and a browser; both end with the tests of the file. */
export interface Site {
  readonly url: string
  open(path: string, options?: OpenOptions): Promise<Opened>
  /** An empty page, for another server than this one. */
  newPage(): Promise<Page>
}

export function serveSite(): Site {
  let server: PlainServer
  let browser: Browser
  const contexts: BrowserContext[] = []
  beforeAll(async () => {
    if (!existsSync(join(here, 'dist/index.html')))
      throw new Error('build the site first: pnpm --filter docs build')
    server = await plainServer({ isolated: true })
    browser = await launch()
  }, 60_000)
  // What moves on a page that nobody looks at any more takes its time from the tests that follow.
  let before = 0
  beforeEach(() => void (before = contexts.length))
  afterEach(async ({ task }) => {
    // Tests beside one another close what they opened themselves.
    if (task.concurrent !== true) for (const context of contexts.splice(before)) await context.close()
  })
  afterAll(async () => {
    for (const context of contexts) await context.close()
    await browser?.close()
    await server?.close()
  })
  const site = {
    get url() {
      return server.url
    },
    async open(path: string, { width = 1280, theme = 'light', javaScript = true }: OpenOptions = {}) {
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        javaScriptEnabled: javaScript,
      })
      contexts.push(context)
      // Frames without an origin have no storage.
      await context.addInitScript((value) => {
        if (self.origin !== 'null') localStorage.setItem('starlight-theme', value)
      }, theme)
      const page = await context.newPage()
      const opened: Opened = { page, errors: [], foreign: [] }
      page.on('pageerror', ({ message }) => opened.errors.push(message))
      page.on('console', (message) => message.type() === 'error' && opened.errors.push(message.text()))
      page.on('request', (request) => {
        const { protocol, host } = new URL(request.url())
        if (protocol.startsWith('http') && host !== new URL(site.url).host) opened.foreign.push(request.url())
      })
      const isQuiet = traffic(page)
      await page.goto(site.url + path, { waitUntil: 'load' })
      if (javaScript) await settle(page, isQuiet)
      return opened
    },
    async newPage() {
      const context = await browser.newContext()
      contexts.push(context)
      return context.newPage()
    },
  }
  return site
}
