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
  const options = ['--preset', 'seed', '--limit', '3000', '--epochs', '12', '--out', 'watched']
  training = spawn(node.path!, [entry, 'train', '--watch', ...options], {
    cwd: join(packed, '24'),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = once(training, 'exit')
  const [said] = (await once(training.stderr!, 'data')) as [Buffer]
  training.stderr!.resume()
  const [, url] = /^watch: (http:\/\/127\.0\.0\.1:\d+\/)\n/.exec(said.toString())!
  const { page, errors, close } = await open(url)
  await page.setViewportSize({ width: 390, height: 844 })
  const text = (part: string): Promise<string> => page.locator(`#${part}`).innerText()
  await page.waitForFunction(() => document.querySelectorAll('#confusion tr').length === 11)
  expect(await text('link')).toBe('live')
  expect(await text('run')).toBe('seed on MNIST, seed preset, seed 0, 12 epochs')
  expect(await page.locator('#filters img').count()).toBe(8)
  expect(await page.locator('#curves svg').count()).toBe(1)
  const before = await text('progress')
  await page.waitForFunction((old) => document.querySelector('#progress')!.textContent !== old, before)
  await page.waitForFunction(() =>
    document.querySelector('#link')!.textContent!.startsWith('the command has ended'),
  )
  expect(await text('progress')).toMatch(/^test accuracy \d+\.\d\d %, test loss/)
  const isShown = await page
    .locator('#mistakes img')
    .evaluateAll((images) => images.every((image) => (image as HTMLImageElement).naturalWidth === 28))
  expect(isShown).toBe(true)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
  expect(errors).toEqual([])
  await close()
  expect(await ended).toEqual([0, null])
})
