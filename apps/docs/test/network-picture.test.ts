import { describe, expect, it } from 'vitest'
import { browserMissing } from '../../../scripts/browser.ts'
import { outlineOf } from '../src/picture/planes.ts'
import { range, short } from '../src/widgets/format.ts'
import { violations } from './axe.ts'
import { drawSeven, paperReady } from './draw.ts'
import { type Opened, serveSite } from './site.ts'

type Page = Opened['page']

/** The outline of some rows and columns, both ends included, of a plane of so many rows and columns. */
function boxOf(side: number, [top, bottom]: readonly number[], [left, right]: readonly number[]): string {
  const mask = Uint8Array.from({ length: side * side }, (_, cell) => {
    const [row, column] = [Math.floor(cell / side), cell % side]
    return Number(row >= top && row <= bottom && column >= left && column <= right)
  })
  return outlineOf(mask, 0, { planes: 1, height: side, width: side })
}

const draw = (page: Page) => page.locator('[data-widget=draw]')
const layer = (page: Page, stage: number) => draw(page).locator('.layer').nth(stage)
const told = (page: Page) => draw(page).locator('.sheet [data-cell]')

/** Where a cell of a plane is on the screen. */
async function placeOf(
  page: Page,
  [stage, plane, row, column]: readonly number[],
  side: number,
): Promise<[number, number]> {
  const box = layer(page, stage).locator(`[data-plane="${plane}"]`)
  // In the middle of the window: the text covers its foot.
  await box.evaluate((one) => one.scrollIntoView({ block: 'center' }))
  const { x, y, width, height } = (await box.boundingBox())!
  return [x + ((column + 0.5) * width) / side, y + ((row + 0.5) * height) / side]
}

async function point(page: Page, at: readonly number[], side: number): Promise<void> {
  await page.mouse.move(...(await placeOf(page, at, side)))
  const [stage, plane, row, column] = at
  await page.waitForSelector(`[data-cell="${stage}.${(plane * side + row) * side + column}"]`)
}

/** The outlines of one kind in the planes of a stage, empty where there is none. */
async function outlines(page: Page, stage: number, kind: 'read' | 'moves' | 'own'): Promise<string[]> {
  return layer(page, stage)
    .locator('.plane')
    .evaluateAll(
      (all, of) => all.map((one) => one.querySelector(`path.${of}`)?.getAttribute('d') ?? ''),
      kind,
    )
}

const numberOf = async (page: Page, name: 'value' | 'gradient'): Promise<number> =>
  Number(await told(page).getAttribute(`data-${name}`))

/** The cell of a grid of an explorer that is chosen, as text. */
async function chosen(page: Page, grid: string): Promise<string> {
  await page.waitForFunction(() => !document.querySelector('astro-island[ssr] [data-explorer]'))
  return page.locator(`[data-explorer] section[data-term="${grid}"] td.chosen`).innerText()
}

describe.skipIf(browserMissing())('the network as a picture', { timeout: 120_000 }, () => {
  const site = serveSite()

  async function drawn(path = '/', width = 1280): Promise<Opened> {
    const opened = await site.open(path, { width })
    await paperReady(opened.page)
    await drawSeven(opened.page)
    return opened
  }

  it('has its planes before anything is drawn, and nothing moves when they fill', async () => {
    const { page, errors } = await site.open('/')
    await paperReady(page)
    expect(await draw(page).locator('.plane').count()).toBe(1 + 3 * 8 + 3 * 16 + 1 + 1)
    const places = (): Promise<number[]> =>
      page
        .locator('[data-widget=draw] .plane, main h2')
        .evaluateAll((all) => all.map((one) => Math.round(one.getBoundingClientRect().top + scrollY)))
    const before = await places()
    await drawSeven(page)
    await point(page, [3, 2, 8, 7], 14)
    expect(await places()).toEqual(before)
    expect(errors).toEqual([])
  })

  it('frames what a cell is computed from, and what reads it, and says how its gradient adds up', async () => {
    const { page, errors } = await drawn()
    await point(page, [3, 2, 8, 7], 14)
    // A window of 2 × 2 of the ReLU, which sees 4 × 4 pixels.
    expect(await outlines(page, 0, 'read')).toEqual([boxOf(28, [15, 18], [13, 16])])
    for (const stage of [1, 2]) {
      const own = boxOf(28, [16, 17], [14, 15])
      expect(await outlines(page, stage, 'read')).toEqual(range(8).map((c) => (c === 2 ? own : '')))
    }
    expect(await outlines(page, 3, 'own')).toEqual(
      range(8).map((c) => (c === 2 ? boxOf(14, [8, 8], [7, 7]) : '')),
    )
    expect(await outlines(page, 4, 'read')).toEqual(range(16).map(() => boxOf(14, [7, 9], [6, 8])))
    expect(await outlines(page, 6, 'read')).toEqual(range(16).map(() => boxOf(7, [3, 4], [3, 4])))
    // Of the four, one won; it is one cell.
    const strong = (await outlines(page, 1, 'moves')).filter((d) => d !== '')
    expect(strong).toHaveLength(1)
    expect(strong[0].match(/M/g)).toHaveLength(4)
    const text = await draw(page).locator('.sheet').innerText()
    const [value, gradient] = [await numberOf(page, 'value'), await numberOf(page, 'gradient')]
    expect(text).toContain(
      `MaxPool2d(2×2)[2,8,7] is ${short(value)}; the gradient of the score there is ${short(gradient)}.`,
    )
    expect(text).toContain('16 pixels of the image (rows 15–18, columns 13–16)')
    expect(text).toMatch(/a sum over the 144 cells of Conv2d\(8→16, 3×3\) that read it/)
    // At the corner the padding is left out.
    await point(page, [1, 5, 0, 27], 28)
    expect(await outlines(page, 0, 'read')).toEqual([boxOf(28, [0, 1], [26, 27])])
    expect(await outlines(page, 0, 'own')).toEqual([''])
    expect(errors).toEqual([])
  })

  it('opens the page of the layer with the numbers of the cell, and keeps the drawing for who comes back', async () => {
    const { page, errors } = await drawn()
    await point(page, [3, 2, 8, 7], 14)
    const value = await numberOf(page, 'value')
    await page.mouse.click(...(await placeOf(page, [3, 2, 8, 7], 14)))
    await page.waitForURL(/\/layers\/max-pool2d\/\?max-pool2d\.size=4/)
    expect(await chosen(page, 'y')).toBe(short(value))
    expect(Number(await page.locator('[data-origin]').getAttribute('data-origin'))).toBeCloseTo(value, 6)
    await page.goBack({ waitUntil: 'networkidle' })
    await page.waitForSelector('[data-predicted="7"]', { timeout: 30_000 })

    await point(page, [2, 0, 10, 14], 28)
    const rectified = await numberOf(page, 'value')
    await page.mouse.click(...(await placeOf(page, [2, 0, 10, 14], 28)))
    await page.waitForURL(/\/layers\/relu\//)
    expect(await chosen(page, 'y')).toBe(short(rectified))
    expect(errors).toEqual([])
  })

  it('says on the page of a convolution which channel’s part of the sum is there', async () => {
    const { page } = await drawn()
    await point(page, [1, 3, 7, 13], 28)
    const whole = await numberOf(page, 'value')
    await page.mouse.click(...(await placeOf(page, [1, 3, 7, 13], 28)))
    await page.waitForURL(/\/layers\/conv2d\//)
    expect(Number((await chosen(page, 'y')).replace('−', '-'))).toBeCloseTo(whole, 3)
    expect(await page.locator('[data-origin]').innerText()).toContain('all that it is made of is here')
    await page.goBack({ waitUntil: 'networkidle' })
    await page.waitForSelector('[data-predicted="7"]', { timeout: 30_000 })
    await point(page, [4, 6, 7, 6], 14)
    const value = await numberOf(page, 'value')
    await page.mouse.click(...(await placeOf(page, [4, 6, 7, 6], 14)))
    await page.waitForURL(/\/layers\/conv2d\//)
    const said = await page.locator('[data-origin]').innerText()
    expect(said).toMatch(
      new RegExp(
        `this cell is ${short(value)}: the sum over 8 input channels, and the bias\\. Here is input channel \\d alone`,
      ),
    )
    // The sum that the page tells is its own, of nine products and no bias.
    expect(await page.locator('.sum tbody tr').count()).toBe(10)
    expect(await page.locator('.sum tfoot').innerText()).toContain(await chosen(page, 'y'))
  })

  it('is moved over by keys alone, plane by plane, and opened by Enter', async () => {
    const { page } = await drawn()
    const cells = layer(page, 6).getByRole('application')
    await cells.focus()
    await page.waitForSelector('[data-cell^="6."]')
    const at = async (): Promise<number> =>
      Number((await told(page).getAttribute('data-cell'))!.split('.')[1])
    for (const _ of range(7)) await page.keyboard.press('ArrowUp')
    for (const _ of range(7)) await page.keyboard.press('ArrowLeft')
    for (const _ of range(16)) await page.keyboard.press('PageUp')
    await expect.poll(at).toBe(0)
    for (const key of ['ArrowDown', 'ArrowRight', 'ArrowRight', 'PageDown']) await page.keyboard.press(key)
    await expect.poll(at).toBe(49 + 7 + 2)
    await page.keyboard.press('PageUp')
    await page.keyboard.press('ArrowLeft')
    await expect.poll(at).toBe(7 + 1)
    for (const _ of range(20)) await page.keyboard.press('PageDown')
    await expect.poll(at).toBe(15 * 49 + 8)
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/layers\/max-pool2d\//)
  })

  it('opens a gradient by the layer that sent it, and the scores as a loss', async () => {
    const { page } = await drawn()
    await draw(page).getByRole('button', { name: 'Gradient of the score' }).click()
    await point(page, [3, 2, 8, 7], 14)
    const gradient = await numberOf(page, 'gradient')
    await page.mouse.click(...(await placeOf(page, [3, 2, 8, 7], 14)))
    await page.waitForURL(/\/layers\/conv2d\//)
    await chosen(page, 'dx')
    expect(Number(await page.locator('[data-origin]').getAttribute('data-origin'))).toBeCloseTo(gradient, 6)
    expect(await page.locator('[data-origin]').innerText()).toMatch(/the sum over 16 output channels\. Here/)
    await page.goBack({ waitUntil: 'networkidle' })
    await page.waitForSelector('[data-predicted="7"]', { timeout: 30_000 })
    await point(page, [8, 0, 0, 7], 10)
    const score = await numberOf(page, 'value')
    await draw(page).getByRole('link', { name: 'softmax and cross-entropy with these numbers' }).click()
    await page.waitForURL(/\/cross-entropy\/\?z=/)
    await page.waitForFunction(
      () => document.querySelectorAll('[data-widget=cross-entropy] tbody tr').length === 10,
    )
    const logit = page.getByLabel('logit of class 7')
    expect(Number(await logit.inputValue())).toBeCloseTo(score, 4)
    expect(await page.locator('[data-widget=cross-entropy] select').inputValue()).toBe('7')
  })

  it('is pointed at by a finger first, and opened by the next touch of the same cell', async () => {
    const { page } = await drawn('/', 390)
    const target = layer(page, 3).locator('[data-plane="1"]')
    const touch = async (row: number, column: number): Promise<void> => {
      const [clientX, clientY] = await placeOf(page, [3, 1, row, column], 14)
      const event = { clientX, clientY, pointerType: 'touch', bubbles: true }
      await target.dispatchEvent('pointerdown', event)
      await target.dispatchEvent('click', event)
    }
    await touch(5, 6)
    await page.waitForSelector(`[data-cell="3.${(14 + 5) * 14 + 6}"]`)
    await touch(9, 2)
    await page.waitForSelector(`[data-cell="3.${(14 + 9) * 14 + 2}"]`)
    expect(new URL(page.url()).pathname).toBe('/')
    await touch(9, 2)
    await page.waitForURL(/\/layers\/max-pool2d\//)
  })

  it('is accessible with a cell pointed at, in both themes and widths', async () => {
    const opened = await drawn()
    const { page } = opened
    await point(page, [4, 9, 7, 7], 14)
    for (const [theme, width] of [
      ['dark', 1280],
      ['light', 390],
    ] as const) {
      await page.locator('starlight-theme-select select').first().selectOption(theme)
      await page.setViewportSize({ width, height: 800 })
      expect(await violations(opened), theme).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    }
  })

  it('shows a recorded pass of the loss too', async () => {
    const { page, errors } = await site.open('/train/')
    const walk = page.locator('[data-widget=walk]')
    await walk.locator('select[name=source]').selectOption('recorded')
    await walk.getByRole('button', { name: 'Pass it through' }).click()
    await walk.getByText('The whole pass as a picture').click()
    await walk.locator('.layer').nth(8).getByRole('application').focus()
    await walk.locator('.sheet [data-cell]').waitFor()
    expect(await walk.locator('.sheet').innerText()).toMatch(
      /the gradient of the loss there is .*softmax minus one-hot, .*, divided by the 64 images of the batch/s,
    )
    expect(errors).toEqual([])
  })
})

describe.skipIf(browserMissing())('the thread', () => {
  const site = serveSite()

  it('is followed from page to page, and each begins with the numbers that the last one ended with', async () => {
    const { page, errors } = await site.open('/layers/conv2d/')
    const shown = (name: string, way: string): Promise<number[]> =>
      page
        .locator(`[data-thread] [aria-label=${way}] [data-numbers="${name}"] td`)
        .evaluateAll((all) => all.map((one) => Number((one as HTMLElement).dataset['value'])))
    const pages: string[] = []
    let [y, dy] = [await shown('y', 'forward'), await shown('dy', 'backward')]
    for (const _ of range(5)) {
      await page.locator('[data-thread] .where a').filter({ hasNotText: 'all of it' }).last().click()
      await page.waitForLoadState('networkidle')
      pages.push(new URL(page.url()).pathname)
      const isLoss = pages.at(-1) === '/cross-entropy/'
      expect(await shown(isLoss ? 'z' : 'x', 'forward')).toEqual(y)
      expect(await shown(isLoss ? 'dz' : 'dx', 'backward')).toEqual(dy)
      ;[y, dy] = [await shown('y', 'forward'), await shown('dy', 'backward')]
    }
    expect(pages).toEqual([
      '/layers/relu/',
      '/layers/max-pool2d/',
      '/layers/flatten/',
      '/layers/linear/',
      '/cross-entropy/',
    ])
    await page.locator('[data-thread] .where a', { hasText: 'SGD' }).click()
    await page.waitForURL(/\/optimizers\/#the-thread/)
    expect(await page.locator('[data-thread] [data-numbers="w′"]').count()).toBe(2)
    expect(errors).toEqual([])
  })

  it('opens its numbers in the picture of the page', async () => {
    for (const name of ['conv2d', 'relu', 'max-pool2d', 'linear']) {
      const { page } = await site.open(`/layers/${name}/`)
      const numbers = page.locator('[data-thread] [aria-label=forward] [data-numbers=y] td')
      const own = await numbers.allInnerTexts()
      await page.getByRole('link', { name: 'These numbers in the picture of this page' }).click()
      await page.waitForURL(/#explorer$/)
      const read = (text: string): number => Number(text.replace('−', '-'))
      const cells = page.locator('[data-explorer] section[data-term="y"] td')
      // The explorer takes its numbers from the address when it comes to life.
      await expect
        .poll(async () => (await cells.allInnerTexts()).map(read), { timeout: 30_000 })
        .toEqual(own.map((text): unknown => expect.closeTo(read(text), 1)))
      await page.context().close()
    }
  })
})
