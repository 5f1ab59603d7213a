import { type Browser, chromium } from 'playwright-core'

/** Where Debian puts it. */
export const executable = '/usr/bin/chromium'

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

/** A browser without a window. */
export const launch = (): Promise<Browser> => chromium.launch({ executablePath: executable, args: quiet })
