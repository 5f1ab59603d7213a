import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** Where Debian puts them: the one that only draws pages opens one in half of the time. */
const programs = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium']

const executable = programs.find((path) => existsSync(path))

const quiet = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Without a browser its tests are skipped, with this reason; where CI=true they fail. */
export function browserMissing(): boolean {
  if (executable !== undefined) return false
  const why = `${programs.join(' and ')} are missing: apt-get install chromium-headless-shell`
  if (process.env['CI'] === 'true') throw new Error(why)
  console.warn(`skipped: ${why}`)
  return true
}

/** A browser without a window. */
export const launch = (): Promise<Browser> =>
  chromium.launch({ ...(executable !== undefined && { executablePath: executable }), args: quiet })

/** What a host sends with a page to isolate it from others, which lets its threads share memory. */
export const isolated: Readonly<Record<string, string>> = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}
