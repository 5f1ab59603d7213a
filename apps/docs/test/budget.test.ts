import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { launch } from './browser.ts'
import { budget, measureLoad } from './load.ts'
import { builtPages } from './pages.ts'
import { plainServer } from './plain-server.ts'
import { browserMissing } from './site.ts'

const missing = browserMissing()

describe.skipIf(missing)('a slow phone on a slow line', () => {
  let browser: Browser
  let server: Awaited<ReturnType<typeof plainServer>>
  beforeAll(async () => {
    server = await plainServer(true)
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  // A page four times slower leaves room for another beside it.
  it.concurrent.for(missing ? [] : builtPages().prose)(
    '%s is there soon, is small, and stands still',
    async (path, { expect: own }) => {
      const { script, largest, shift } = await measureLoad(browser, server.url + path)
      own(script, 'bytes of JavaScript').toBeLessThanOrEqual(budget.script)
      own(shift, 'shift of the layout').toBeLessThan(budget.shift)
      // Somebody else may be at work on this machine: `pnpm --filter docs audit` loads pages ten times.
      own(largest, 'ms to the largest paint').toBeLessThan(2 * budget.largest)
    },
  )
})
