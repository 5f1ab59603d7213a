import { describe, expect, it } from 'vitest'
import { browserMissing } from '../../../scripts/browser.ts'
import { plainServer } from './plain-server.ts'
import { serveSite } from './site.ts'

/** A seven, as strokes from corner to corner: a bar, and a leg down from its right end. */
const seven = [
  [70, 60],
  [210, 60],
  [120, 230],
] as const

describe.skipIf(browserMissing())('training in the page', () => {
  const site = serveSite()

  it('reaches 95 % on test images, walks a batch, and reads a drawn digit', {
    timeout: 300_000,
  }, async () => {
    const { page, errors, foreign } = await site.open('/train/')
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true)
    await page.getByRole('button', { name: 'Train', exact: true }).click()
    // An error ends the wait at once, and is shown.
    await page.waitForSelector('[data-widget=train]:is([data-status=done], [data-status=idle])', {
      timeout: 240_000,
    })
    expect(await page.locator('[data-widget=train] [role=alert]').allInnerTexts()).toEqual([])
    const accuracy = Number(await page.locator('[data-result]').getAttribute('data-result'))
    expect(accuracy).toBeGreaterThan(0.95)
    expect(await page.locator('.confusion tbody tr').count()).toBe(10)
    // The kernels of the command line, on all processors.
    const result = page.locator('[data-result]')
    expect(await result.getAttribute('data-backend')).toMatch(/^simd/)
    const threads = await page.evaluate(() => Math.min(navigator.hardwareConcurrency, 8))
    expect(Number(await result.getAttribute('data-threads'))).toBe(threads)

    await page.getByRole('button', { name: 'Pass it through' }).click()
    const walk = page.locator('[data-widget=walk]')
    const stage = walk.getByRole('slider')
    const last = Number(await stage.getAttribute('max'))
    const seen: string[] = []
    for (let at = 0; at <= last; at++) {
      if (at > 0) await walk.getByRole('button', { name: 'Next →' }).click()
      await page.waitForFunction(
        (value) =>
          document.querySelector<HTMLInputElement>('[data-widget=walk] input[type=range]')?.value === value,
        String(at),
      )
      seen.push(await walk.locator('p').first().innerText())
    }
    // The input and eight layers, forward and backward.
    expect(seen).toHaveLength(18)
    expect(seen[8]).toMatch(/the loss is/)
    expect(seen[17]).toMatch(/^Backward, through Conv2d\(1→8, 3×3\)/)
    expect(await walk.getByText('dweight [8, 1, 3, 3]').count()).toBe(1)

    const paper = page.locator('canvas.paper')
    await paper.scrollIntoViewIfNeeded()
    const box = (await paper.boundingBox())!
    const at = ([x, y]: readonly [number, number]) =>
      [box.x + (x * box.width) / 280, box.y + (y * box.height) / 280] as const
    await page.mouse.move(...at(seven[0]))
    await page.mouse.down()
    for (const point of seven.slice(1)) await page.mouse.move(...at(point), { steps: 12 })
    await page.mouse.up()
    await page.waitForSelector('[data-predicted="7"]', { timeout: 10_000 })

    expect(errors).toEqual([])
    expect(foreign).toEqual([])
  })

  it('walks a recorded batch beside PyTorch, forward and backward, without training', {
    timeout: 120_000,
  }, async () => {
    const { page, errors } = await site.open('/train/')
    const walk = page.locator('[data-widget=walk]')
    await walk.locator('select[name=source]').selectOption('recorded')
    await walk.getByRole('button', { name: 'Pass it through' }).click()
    await walk.getByText('PyTorch 2.13').waitFor()
    const last = Number(await walk.getByRole('slider').getAttribute('max'))
    const apart: number[] = []
    for (let at = 0; at <= last; at++) {
      if (at > 0) await walk.getByRole('button', { name: 'Next →' }).click()
      await walk.getByText(`Stage ${at + 1} of ${last + 1}`).waitFor()
      const found = walk.locator('[data-apart]')
      apart.push(
        ...(await found.evaluateAll((all) => all.map((one) => Number(one.getAttribute('data-apart'))))),
      )
    }
    // The input and eight layers, forward and backward, and six gradients of parameters.
    expect(apart).toHaveLength(2 * 9 + 6)
    // Sums over a batch of 64 images; other orders of addition differ by a few units of the largest.
    expect(Math.max(...apart)).toBeLessThan(32)
    expect(Math.max(...apart)).toBeGreaterThan(0)
    expect(apart[0]).toBe(0)
    expect(errors).toEqual([])
  })

  it('gets its threads from a service worker where the host sends no headers', async () => {
    const { url, close } = await plainServer()
    try {
      const page = await site.newPage()
      await page.goto(`${url}/train/`)
      await page.waitForFunction(() => crossOriginIsolated, undefined, { timeout: 30_000 })
    } finally {
      await close()
    }
  })
})
