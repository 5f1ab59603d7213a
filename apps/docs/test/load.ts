import type { Browser } from 'playwright-core'

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

/** A line of 1.6 Mbit/s, and a processor four times slower than this one. */
const line = { offline: false, latency: 40, downloadThroughput: 1.6e6 / 8, uploadThroughput: 0.75e6 / 8 }
const SLOWER = 4
/** What comes later than so long behind the load is no part of it. */
const SETTLED_MS = 1500

/** Loads a page as one who comes for the first time, on a phone's screen. */
export async function measureLoad(browser: Browser, address: string): Promise<Load> {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } })
  try {
    const page = await context.newPage()
    const session = await context.newCDPSession(page)
    await session.send('Network.enable')
    await session.send('Network.emulateNetworkConditions', line)
    await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER })
    const scripts = new Set<string>()
    let script = 0
    session.on('Network.responseReceived', ({ requestId, response }) => {
      if (/javascript/.test(response.mimeType)) scripts.add(requestId)
    })
    session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      if (scripts.has(requestId)) script += encodedDataLength
    })
    await page.addInitScript(() => {
      const seen = { largest: 0, shift: 0 }
      Object.assign(window, { seen })
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) seen.largest = Math.max(seen.largest, entry.startTime)
      }).observe({ type: 'largest-contentful-paint', buffered: true })
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) seen.shift += (entry as unknown as { value: number }).value
      }).observe({ type: 'layout-shift', buffered: true })
    })
    await page.goto(address, { waitUntil: 'load' })
    await page.waitForTimeout(SETTLED_MS)
    const read = (): Promise<Omit<Load, 'script'>> =>
      page.evaluate(() => (window as unknown as { seen: Omit<Load, 'script'> }).seen)
    // A page that isolates itself loads once more.
    const seen = await read().catch(async () => {
      await page.waitForLoadState('load')
      return read()
    })
    return { script, ...seen }
  } finally {
    await context.close()
  }
}
