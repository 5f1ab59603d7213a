import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { speedOfCore } from './core-speed.ts'
import { type PlainServer, plainServer } from './plain-server.ts'

/** What the load of a page came to, on a slow phone and a slow line. */
export interface Load {
  /** Bytes of JavaScript as they were sent, compressed, until the page had settled. */
  readonly script: number
  /** Milliseconds until the largest thing in sight was there. */
  readonly largest: number
  /** How much moved in sight, as browsers score it. */
  readonly shift: number
}

/** What a page may come to, before anything on it is used. */
export const budget: Load = { script: 120_000, largest: 2500, shift: 0.05 }

/** 1.6 Mbit/s. */
const line = { latency: 40, rate: 1.6e6 / 8 }
/** Rounds in a millisecond that a core does of what this site is built and measured on, when it has nothing else to do. */
const CORE = 5
/** The phone's: it is four times slower. */
export const PHONE = CORE / 4
/** A page that asks for nothing in so many milliseconds, and has nothing to do, has settled. */
const QUIET_MS = 300
/** A load that has not settled after so long is given up. */
const PATIENCE_MS = 30_000

/** Counts, from the first document on, what the browser says of its paints and shifts. */
function watch(): void {
  const seen = { largest: 0, shift: 0 }
  Object.assign(globalThis, { seen })
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.largest = Math.max(seen.largest, entry.startTime)
  }).observe({ type: 'largest-contentful-paint', buffered: true })
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.shift += (entry as unknown as { value: number }).value
  }).observe({ type: 'layout-shift', buffered: true })
}

const seen = (): Omit<Load, 'script'> => (globalThis as unknown as { seen: Omit<Load, 'script'> }).seen

/** Resolves when the document is there, and has done what it does when there is nothing else to do. */
const idle = (): Promise<void> =>
  new Promise((resolve) => {
    const wait = (): void => void requestIdleCallback(() => resolve())
    if (document.readyState === 'complete') wait()
    else addEventListener('load', wait)
  })

/** A page that isolates itself loads once more: what was asked of the one before is asked again. */
async function ask<T>(page: Page, question: () => T | Promise<T>): Promise<T> {
  for (;;)
    try {
      return await page.evaluate(question)
    } catch (error) {
      if (!String(error).includes('context was destroyed')) throw error
    }
}

/** Waits until nothing more is asked of the server. */
async function settle(page: Page, { traffic }: PlainServer): Promise<void> {
  for (let asked = 0; asked < traffic.asked || traffic.open > 0; ) {
    await ask(page, idle)
    asked = traffic.asked
    await sleep(QUIET_MS)
    await ask(page, idle)
  }
}

async function loadIn(context: BrowserContext, server: PlainServer, path: string): Promise<Load> {
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  const rate = Math.max(1, (await speedOfCore()) / PHONE)
  await session.send('Emulation.setCPUThrottlingRate', { rate })
  await page.addInitScript(watch)
  await page.goto(server.url + path, { waitUntil: 'commit' })
  await settle(page, server)
  return { script: server.traffic.scriptBytes, ...(await ask(page, seen)) }
}

/** @throws Error when the work takes too long. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  const timer = new AbortController()
  const late = sleep(PATIENCE_MS, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`the page has not settled after ${PATIENCE_MS / 1000} s`)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    timer.abort()
  }
}

/**
 * Loads a page of the built site, or of another folder, as one who comes for the first time, on a phone's screen. The server itself
 * sends slowly: the browser's own emulation of a line was seen to hang. The browser slows its thread down to the
 * phone's speed, however fast this machine is now: at work for others, it is slower already.
 */
export async function measureLoad(browser: Browser, path: string, folder?: string): Promise<Load> {
  const server = await plainServer({ compressed: true, line, ...(folder !== undefined && { folder }) })
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } })
  try {
    return await inTime(loadIn(context, server, path))
  } finally {
    await context.close()
    await server.close()
  }
}
