import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, afterEach, expect, inject, it } from 'vitest'
import { closeBrowser, open } from './browser.ts'
import { isMissing, nodes } from './tools.ts'

const packed = inject('packed')
const node = nodes['24']

let training: ChildProcess | null = null
afterEach(() => void training?.kill('SIGKILL'))
afterAll(closeBrowser)

it.skipIf(isMissing(node))('train --watch shows the run in a page until it ends', async () => {
  const entry = join(packed, '24/node_modules/handgrad/bin/handgrad.cjs')
  const options = ['--preset', 'seed', '--limit', '6000', '--epochs', '25', '--out', 'watched']
  training = spawn(node.path!, [entry, 'train', '--watch', ...options], {
    cwd: join(packed, '24'),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = once(training, 'exit')
  const [first] = (await once(training.stderr!, 'data')) as [Buffer]
  training.stderr!.resume()
  const [, url] = /^watch: (http:\/\/127\.0\.0\.1:\d+\/)\n/.exec(first.toString())!
  const { page, errors, close } = await open(url)
  await page.setViewportSize({ width: 390, height: 844 })
  // All that it has said of how far it is.
  await page.evaluate(() => {
    const part = document.querySelector('#progress')!
    const said = new Set<string>()
    Object.assign(window, { said })
    new MutationObserver(() => said.add(part.textContent)).observe(part, { childList: true })
  })
  const text = (part: string): Promise<string> => page.locator(`#${part}`).innerText()
  await page.waitForFunction(() => document.querySelectorAll('#confusion tr').length === 11)
  expect(await text('link')).toBe('live')
  expect(await text('run')).toBe('seed on MNIST, seed preset, seed 0, 25 epochs')
  expect(await page.locator('#filters img').count()).toBe(8)
  expect(await page.locator('#curves > svg').count()).toBe(1)
  await page.waitForFunction(() =>
    document.querySelector('#link')!.textContent.startsWith('the command has ended'),
  )
  expect(await text('progress')).toMatch(/^test accuracy \d+\.\d\d %, test loss/)
  const lines = await page.evaluate(() => (window as unknown as { said: Set<string> }).said.size)
  expect(lines).toBeGreaterThan(3)
  const isShown = await page
    .locator('#mistakes img')
    .evaluateAll((images) => images.every((image) => (image as HTMLImageElement).naturalWidth === 28))
  expect(isShown).toBe(true)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
  expect(errors).toEqual([])
  await close()
  expect(await ended).toEqual([0, null])
})
