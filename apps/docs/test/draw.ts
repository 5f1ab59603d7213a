import type { Page } from 'playwright-core'

/** Waits until the paper of a page can be drawn on. */
export async function paperReady(page: Page): Promise<void> {
  await page.locator('canvas.paper').scrollIntoViewIfNeeded()
  await page.waitForFunction(() => !document.querySelector('astro-island[ssr] [data-widget=draw]'))
}

/** Draws a 7 with the mouse, and waits until the network has read it. */
export async function drawSeven(page: Page): Promise<void> {
  const box = (await page.locator('canvas.paper').boundingBox())!
  const at = (x: number, y: number): [number, number] => [
    box.x + (x * box.width) / 280,
    box.y + (y * box.height) / 280,
  ]
  await page.mouse.move(...at(70, 60))
  await page.mouse.down()
  await page.mouse.move(...at(210, 60), { steps: 12 })
  await page.mouse.move(...at(120, 230), { steps: 12 })
  await page.mouse.up()
  await page.waitForSelector('[data-predicted="7"]', { timeout: 30_000 })
}
