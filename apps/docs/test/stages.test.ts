import { describe, expect, it } from 'vitest'
import { browserMissing } from '../../../scripts/browser.ts'
import { extentOf, type Mode, sceneOf, sumAt } from '../src/stages/conv2d.ts'
import { short } from '../src/widgets/format.ts'
import { type Opened, serveSite } from './site.ts'

const plain = { size: 5, kernel: 3, padding: 0, stride: 1, dilation: 1 }
type Page = Opened['page']

describe.skipIf(browserMissing())('the stage of Conv2d', () => {
  const site = serveSite()

  async function open(query = '', width = 1280): Promise<Opened> {
    const opened = await site.open(`/layers/conv2d/${query}`, { width })
    await opened.page.waitForFunction(
      () => !document.querySelector('astro-island[ssr] [data-widget=stage-conv2d]'),
    )
    return opened
  }
  const stage = (page: Page) => page.locator('[data-widget=stage-conv2d]')
  const said = (page: Page) => stage(page).locator('.sheet p').first().innerText()
  const cell = (page: Page, grid: string, at: string) =>
    stage(page).locator(`[data-grid="${grid}"] [data-cell="${at}"] rect`)

  it('plays: the kernel slides over x, and y is what the library computes', async () => {
    const { page, errors } = await open()
    const scene = sceneOf(plain)
    expect(await said(page)).toContain(`y[0,0] = ${short(scene.y.data[0])}`)
    const before = await stage(page).locator('.windows rect').getAttribute('x')
    await stage(page).getByRole('button', { name: 'Play' }).click()
    await page.waitForFunction(() => document.querySelector('.sheet p')!.textContent.includes('y[0,1]'))
    expect(await said(page)).toContain(short(scene.y.data[1]))
    expect(await stage(page).locator('.windows rect').getAttribute('x')).not.toBe(before)
    await stage(page).getByRole('button', { name: 'Pause' }).click()
    expect(errors).toEqual([])
  })

  it('is dragged, by pointer and by the slider, and moved by arrow keys', async () => {
    const { page } = await open()
    await cell(page, 'y', '2,1').click({ force: true })
    expect(await said(page)).toMatch(/^y\[2,1\] = /)
    // Over the image, the window follows the pointer with its middle.
    const from = (await cell(page, 'x', '1,1').boundingBox())!
    const to = (await cell(page, 'x', '3,2').boundingBox())!
    await page.mouse.move(from.x + 8, from.y + 8)
    await page.mouse.down()
    expect(await said(page)).toMatch(/^y\[0,0\] = /)
    await page.mouse.move(to.x + 8, to.y + 8, { steps: 8 })
    expect(await said(page)).toMatch(/^y\[2,1\] = /)
    await page.mouse.up()
    await stage(page).locator('input[name=place]').fill('4')
    expect(await said(page)).toMatch(/^y\[1,1\] = /)
    await stage(page).getByRole('application').focus()
    for (const key of ['ArrowUp', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key)
    expect(await said(page)).toMatch(/^y\[0,2\] = /)
  })

  it('fans out from a cell to the windows that cover it, a line for each, taps backwards', async () => {
    const { page } = await open('?stage.mode=fan&stage.at=2.2')
    expect(await stage(page).locator('.windows rect').count()).toBe(9)
    expect(await stage(page).locator('.ways path').count()).toBe(9)
    const tags = await stage(page).locator('[data-grid=dy] .tag').allTextContents()
    expect(tags).toEqual('2,2 2,1 2,0 1,2 1,1 1,0 0,2 0,1 0,0'.split(' '))
    await cell(page, 'x', '0,0').click({ force: true })
    expect(await said(page)).toMatch(/^dx\[0,0\] = .*One window reads this cell/)
    expect(await stage(page).locator('.ways path').count()).toBe(1)
    await cell(page, 'x', '1,0').click({ force: true })
    expect(await stage(page).locator('.ways path').count()).toBe(2)
  })

  it('lights a pair up together: the product, its output, its tap and the way between', async () => {
    const { page } = await open('?stage.mode=fan&stage.at=2.2')
    await stage(page).locator('.products li').nth(1).hover()
    const lit = await stage(page)
      .locator('.cell.lit')
      .evaluateAll((all) =>
        all.map(
          (one) =>
            `${one.closest('[data-grid]')!.getAttribute('data-grid')}[${one.getAttribute('data-cell')}]`,
        ),
      )
    expect(lit.sort()).toEqual(['dy[0,1]', 'w[2,1]'])
    expect(await stage(page).locator('.ways path.lit').count()).toBe(1)
    expect(await stage(page).locator('.windows rect.lit').count()).toBe(1)
  })

  it('turns the kernel by 180°: only then is the sum what bwd() gives', async () => {
    const { page } = await open('?stage.mode=turned&stage.at=2.2&stage.turned=0')
    const wrong = stage(page).locator('[data-wrong]')
    const right = Number(await stage(page).locator('[data-sum]').getAttribute('data-sum'))
    expect(Number(await wrong.getAttribute('data-wrong'))).not.toBe(right)
    const angle = () =>
      stage(page)
        .locator('[data-grid=w] .turning')
        .evaluate((one) => (one as SVGElement).style.transform)
    expect(await angle()).toBe('rotate(0deg)')
    await stage(page).getByRole('button', { name: 'Turn the kernel by 180°' }).click()
    expect(await angle()).toBe('rotate(180deg)')
    expect(await stage(page).locator('[data-gap]').getAttribute('data-gap')).toBe('0')
    // On the laid-out dy each output now lies under the tap that read the cell.
    const products = sumAt(sceneOf(plain), 'fan', [2, 2]).products
    const laid = await stage(page).locator('[data-grid=dy] .cell.pair .tag').allTextContents()
    expect(laid).toEqual(products.map(({ tap }) => tap.join()))
  })

  it('shows padding as a frame, spreads dy by the stride and the kernel by the dilation', async () => {
    const frames = async (query: string, grid: string, kind: string): Promise<number> => {
      const { page } = await open(query)
      const count = await stage(page).locator(`[data-grid="${grid}"] .cell.${kind}`).count()
      await page.context().close()
      return count
    }
    expect(await frames('', 'x', 'frame')).toBe(0)
    expect(await frames('?stage.padding=1', 'x', 'frame')).toBe(7 * 7 - 5 * 5)
    // 2 × 2 outputs, a row and a column of zeros between them.
    expect(await frames('?stage.mode=turned&stage.stride=2', 'dy', 'gap')).toBe(3 * 3 - 2 * 2)
    expect(await frames('?stage.dilation=2', 'w', 'hole')).toBe(5 * 5 - 3 * 3)
  })

  it('does what the text says one will see, when its links are followed', async () => {
    const { page } = await open()
    const follow = async (name: string): Promise<void> => {
      await page.getByRole('link', { name, exact: true }).click()
      await page.waitForTimeout(100)
    }
    await follow('padding 1')
    const zeros = await stage(page).locator('.products small', { hasText: 'padding' }).count()
    expect(zeros).toBe(5)
    await follow('stride 2')
    expect(await said(page)).toMatch(/No window reads this cell: row 5 comes after the last window/)
    await follow('dilation 2')
    expect(await stage(page).locator('[data-grid=w] .hole').count()).toBeGreaterThan(0)
    await follow('Choose a weight')
    expect(await said(page)).toMatch(/^dw\[1,1\] = /)
    expect(await stage(page).locator('.products li').count()).toBe(9)
    await follow('turn it')
    expect(await stage(page).locator('[data-gap]').getAttribute('data-gap')).toBe('0')
    await follow('Lay the kernel on it as it is')
    expect(await stage(page).locator('[data-wrong]').count()).toBe(1)
    await follow('see the windows become columns')
    expect(await stage(page).locator('[data-grid=X] .cell').count()).toBe(9 * 9)
  })

  it('has its numbers as tables, and keeps its state in the address', async () => {
    const { page } = await open('?stage.mode=weight&stage.stride=2&stage.at=0.1')
    const scene = sceneOf({ ...plain, stride: 2 })
    await stage(page).getByText('The numbers as tables').click()
    const shown = await stage(page).locator('[data-table=dw] td').allInnerTexts()
    expect(shown).toEqual(Array.from(scene.dw.data, short))
    await stage(page).getByRole('button', { name: 'Columns' }).click()
    expect(new URL(page.url()).searchParams.get('stage.mode')).toBe('columns')
    expect(new URL(page.url()).searchParams.get('stage.stride')).toBe('2')
  })

  it('shows the sum as a sheet at the foot of a phone while the picture is in sight', async () => {
    const { page } = await open('?stage.mode=fan&stage.at=2.2', 390)
    await stage(page).locator('.picture-frame').scrollIntoViewIfNeeded()
    const sheet = (await stage(page).locator('.sheet').boundingBox())!
    expect(sheet.y).toBeLessThan(900)
    expect(sheet.y + Math.min(sheet.height, 100)).toBeLessThanOrEqual(900)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  })

  it('moves nothing by itself where less motion is asked for', async () => {
    const { page } = await open()
    await page.emulateMedia({ reducedMotion: 'reduce' })
    const still = await stage(page)
      .locator('.turning')
      .first()
      .evaluate((one) => getComputedStyle(one).transitionDuration)
    expect(still).toBe('0s')
  })

  it('has as many places as its table: every mode, at its ends', () => {
    const scene = sceneOf(plain)
    const counts = (['forward', 'columns', 'fan', 'turned', 'weight'] as Mode[]).map((mode) =>
      extentOf(scene, mode).join(),
    )
    expect(counts).toEqual(['3,3', '3,3', '5,5', '5,5', '3,3'])
  })
})

describe.skipIf(browserMissing())('the other stages', () => {
  const site = serveSite()
  const ready = async (path: string, widget: string, width = 1280): Promise<Opened['page']> => {
    const { page } = await site.open(path, { width })
    await page.locator(`[data-widget=${widget}]`).scrollIntoViewIfNeeded()
    await page.waitForFunction(
      (name) => !document.querySelector(`astro-island[ssr] [data-widget=${name}]`),
      widget,
    )
    return page
  }

  it('ReLU: the bar has the slope 1 above 0, 0 below and at 0; dx follows', async () => {
    const page = await ready('/layers/relu/', 'stage-relu')
    const slope = () => page.locator('[data-slope]').getAttribute('data-slope')
    const dx = () => page.locator('[data-dx]').getAttribute('data-dx')
    expect([await slope(), await dx()]).toEqual(['1', '2'])
    await page.locator('[data-widget=stage-relu] input[name=x]').fill('-2')
    expect([await slope(), await dx()]).toEqual(['0', '0'])
    await page.locator('[data-widget=stage-relu] input[name=x]').fill('0')
    expect(await slope()).toBe('0')
    expect(await page.locator('[data-dx]').innerText()).toMatch(/corner/)
    await page.getByRole('application', { name: /graph of ReLU/ }).focus()
    await page.keyboard.press('ArrowRight')
    expect([await slope(), await dx()]).toEqual(['1', '2'])
  })

  it('MaxPool2d: each window has one winner, and a cell that wins twice is paid twice', async () => {
    const page = await ready('/layers/max-pool2d/', 'stage-max-pool2d')
    const widget = page.locator('[data-widget=stage-max-pool2d]')
    const outputs = await widget.locator('[data-grid=y] .cell').count()
    expect(await widget.locator('.ways.faint path').count()).toBe(outputs)
    expect(await widget.locator('.ways:not(.faint) path:not(.stopped)').count()).toBe(1)
    await widget.getByRole('button', { name: 'Back: who is paid?' }).click()
    const sums: number[] = []
    const count = Number(await widget.locator('input[type=range]').getAttribute('max')) + 1
    for (let at = 0; at < count; at++) {
      await widget.locator('input[type=range]').fill(String(at))
      sums.push(Number(await widget.locator('[data-sum]').getAttribute('data-sum')))
    }
    const shown = await widget.locator('[data-grid=dx] .number').allTextContents()
    expect(shown.map((text) => Number(text.replace('−', '-')))).toEqual(sums)
  })

  it('Linear: three products, each cell with lines to what it is made of', async () => {
    const page = await ready('/layers/linear/', 'stage-linear')
    const widget = page.locator('[data-widget=stage-linear]')
    for (const [button, target, lines] of [
      ['Forward: x wᵀ', 'y', 8],
      ['Back: dx = dy w', 'dx', 6],
      ['Back: dw = dyᵀ x', 'dw', 4],
    ] as const) {
      await widget.getByRole('button', { name: button }).click()
      expect(await widget.getAttribute('data-target')).toBe(target)
      expect(await widget.locator('.ways:not(.faint) path').count()).toBe(lines)
    }
    await widget.getByRole('application').focus()
    await page.keyboard.press('ArrowDown')
    expect(await widget.locator('.sheet').innerText()).toMatch(/^dw\[1,0\] = /)
  })

  it('Dropout: what the mask stops forward, it stops back', async () => {
    const page = await ready('/layers/dropout/', 'stage-dropout')
    const widget = page.locator('[data-widget=stage-dropout]')
    const zeros = async (grid: string): Promise<string[]> => {
      const texts = await widget.locator(`[data-grid=${grid}] .number`).allTextContents()
      return texts.map((text) => (text.replace('−', '') === '0' ? '0' : '1'))
    }
    const mask = await zeros('m')
    expect(mask).toContain('0')
    expect(mask).toContain('1')
    expect((await zeros('y')).filter((one, i) => mask[i] === '0' && one !== '0')).toEqual([])
    await widget.getByRole('button', { name: 'Back: the same mask' }).click()
    expect(await zeros('m')).toEqual(mask)
    expect((await zeros('dx')).filter((one, i) => mask[i] === '0' && one !== '0')).toEqual([])
  })

  it('cross-entropy: the right class is pushed up, all others down, and the forces add to 0', async () => {
    const page = await ready('/cross-entropy/', 'cross-entropy')
    const forces = await page
      .locator('[data-force]')
      .evaluateAll((all) => all.map((one) => Number(one.getAttribute('data-force'))))
    expect(forces.map(Math.sign)).toEqual([1, -1, -1, -1, -1])
    expect(forces.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 6)
    await page.locator('[data-widget=cross-entropy] input[type=range]').fill('150')
    expect(await page.locator('.bad').count()).toBeGreaterThan(0)
  })

  it('optimizers: doing what the text says shows it', async () => {
    const page = await ready('/optimizers/', 'descent')
    const height = async (runner: string): Promise<number> =>
      Number(await page.locator(`[data-runner=${runner}]`).getAttribute('data-height'))
    expect(await height('momentum')).toBeLessThan((await height('sgd')) / 100)
    await page.getByRole('link', { name: 'its first step' }).click()
    await page.waitForFunction(
      () => document.querySelector('[data-widget=descent] output')!.textContent === '1 steps',
    )
    await page.getByRole('link', { name: 'A little more' }).click()
    await page.waitForFunction(() =>
      document.querySelector('[data-runner=sgd]')!.textContent.includes('0.105'),
    )
    expect(await height('sgd')).toBeGreaterThan(15)
    // All start where one drags to.
    const picture = page.locator('[data-widget=descent] svg.landscape')
    const box = (await picture.boundingBox())!
    // The page may still be on its way to where the link led.
    await picture.click({ position: { x: box.width * 0.75, y: box.height * 0.25 } })
    const starts = (): Promise<string[]> =>
      page
        .locator('[data-widget=descent] polyline')
        .evaluateAll((all) => [...new Set(all.map((one) => one.getAttribute('points')!.split(' ')[0]))])
    await expect
      .poll(async () => Math.abs(Number((await starts())[0].split(',')[0]) - 480), { timeout: 20_000 })
      .toBeLessThan(3)
    expect(await starts()).toHaveLength(1)
  })
})
