import { Conv2d } from '@handgrad/layers'
import { describe, expect, it } from 'vitest'
import { browserMissing } from '../../../scripts/browser.ts'
import { conv2d } from '../src/explorers/conv2d.ts'
import { serveSite } from './site.ts'

const layers = ['conv1d', 'conv2d', 'relu', 'max-pool2d', 'flatten', 'linear', 'dropout'].map(
  (name) => `/layers/${name}/`,
)

describe.skipIf(browserMissing())('derivation pages', () => {
  const site = serveSite()

  it.each([...layers, '/cross-entropy/', '/optimizers/'])('%s reads without JavaScript', async (path) => {
    const { page } = await site.open(path, { javaScript: false })
    expect(await page.locator('.derivation .katex').count()).toBeGreaterThan(3)
    expect(await page.locator('.derivation math').count()).toBeGreaterThan(3)
    expect(await page.locator('.source .line').count()).toBeGreaterThan(3)
    expect((await page.locator('main').innerText()).length).toBeGreaterThan(1000)
  })

  it('lights a term in equation, cells and code, from each of the three, by pointer and by keyboard', async () => {
    const { page } = await site.open('/layers/conv2d/')
    const lit = async () => ({
      equation: await page.locator('.derivation .katex [data-term~="dy"][data-lit]').count(),
      cells: await page.locator('section.grid[data-term~="dy"][data-lit]').count(),
      code: await page.locator('.source [data-term~="dy"][data-lit]').count(),
    })
    const everywhere = {
      equation: expect.toSatisfy((n) => n > 3),
      cells: expect.toSatisfy((n) => n > 0),
      code: expect.toSatisfy((n) => n > 2),
    }
    await page.locator('.derivation .katex-html [data-term~="dy"]').first().hover()
    expect(await lit()).toEqual(everywhere)
    await page.mouse.move(0, 0)
    await page.locator('.source [data-term~="dy"]').first().hover()
    expect(await lit()).toEqual(everywhere)
    await page.mouse.move(0, 0)
    await page.locator('section.grid[data-term="dy"] button').first().hover()
    expect(await lit()).toEqual(everywhere)
    await page.mouse.move(0, 0)
    expect(await page.locator('[data-lit]').count()).toBe(0)
    await page.locator('.legend:has(.chip[data-term~="dy"]) summary').first().click()
    await page.locator('.chip[data-term~="dy"]').first().focus()
    expect(await lit()).toEqual(everywhere)
  })

  it('leads from the step for dx to the line that computes it, and back', async () => {
    const { page } = await site.open('/layers/conv2d/')
    await page.locator('li[data-step="dx-matrix"] .reason').hover()
    expect(await page.locator('.source .line[data-lit]').allInnerTexts()).toEqual([
      expect.stringContaining('const dx = fold(dX, win)'),
    ])
    await page.locator('.source .line', { hasText: 'image[cell] += columns[entry]' }).hover()
    expect(await page.locator('li[data-step="fold"]').getAttribute('data-lit')).toBe('')
  })
})

describe.skipIf(browserMissing())('the explorer of Conv2d', () => {
  const site = serveSite()
  const cellsOf = async (page: Awaited<ReturnType<typeof site.open>>['page'], name: string) =>
    (
      await page.locator(`[data-explorer=conv2d] section.grid[data-term="${name}"] td button`).allInnerTexts()
    ).map((text) => Number(text.replace('−', '-')))

  it('changes a cell by keyboard, and shows the gradients that the library computes', async () => {
    const { page } = await site.open('/layers/conv2d/')
    const explorer = page.locator('[data-explorer=conv2d]')
    await explorer.scrollIntoViewIfNeeded()
    await page.waitForFunction(() => !document.querySelector('astro-island[ssr] [data-explorer=conv2d]'))
    await explorer.locator('input[name=stride]').fill('2')
    await explorer.locator('input[name=padding]').fill('1')
    const x = explorer.locator('section.grid[data-term="x"]')
    await x.locator('button').first().focus()
    for (const key of ['ArrowRight', 'ArrowDown', 'Enter', '+', '+', '+']) await page.keyboard.press(key)
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toMatch(
      /^x\[0,1,1\] is/,
    )

    const options = {
      size: 5,
      width: 6,
      inChannels: 1,
      outChannels: 1,
      kernel: 3,
      stride: 2,
      padding: 1,
      dilation: 1,
    }
    const { x: input, w, b, dy } = conv2d.inputs(options)
    input.data[7] += 3
    const layer = new Conv2d(1, 1, 3, { stride: 2, padding: 1, dtype: 'float64' })
    layer.weight.data.set(w.data)
    layer.bias!.data.set(b.data)
    const y = layer.forward(input)
    y.g = dy
    layer.bwd()
    expect(await cellsOf(page, 'x')).toEqual(Array.from(input.data))
    expect(await cellsOf(page, 'y')).toEqual(Array.from(y.data))
    expect(await cellsOf(page, 'dx')).toEqual(Array.from(input.g!.data))
    expect(await cellsOf(page, 'dw')).toEqual(Array.from(layer.weight.g!.data))
    expect(await cellsOf(page, 'db')).toEqual(Array.from(layer.bias!.g!.data))

    // The address repeats the view.
    const again = await site.open(new URL(page.url()).pathname + new URL(page.url()).search)
    await again.page.locator('[data-explorer=conv2d]').scrollIntoViewIfNeeded()
    await again.page.waitForFunction(
      () =>
        document.querySelector<HTMLInputElement>('[data-explorer=conv2d] input[name=stride]')?.value === '2',
    )
    expect(await cellsOf(again.page, 'dx')).toEqual(Array.from(input.g!.data))
  })

  it('lists the products of a gradient cell, which add up to it', async () => {
    const { page } = await site.open('/layers/conv2d/?conv2d.stride=2&conv2d.pick=dx.0.2.3')
    await page.locator('[data-explorer=conv2d]').scrollIntoViewIfNeeded()
    const sum = page.locator('[data-explorer=conv2d] .sum')
    await sum.waitFor()
    const products = (await sum.locator('tbody tr td:nth-child(3)').allInnerTexts()).map((text) =>
      Number(text.replace('−', '-')),
    )
    expect(products).toHaveLength(9)
    const total = products.reduce((a, b) => a + b, 0)
    expect(await sum.locator('strong').innerText()).toBe(String(total).replace('-', '−'))
    expect(await sum.getByText('not whole').count()).toBeGreaterThan(0)
  })
})
