import { describe, expect, it } from 'vitest'
import { browserMissing } from '../../../scripts/browser.ts'
import { serveSite } from './site.ts'

describe.skipIf(browserMissing())('checking gradients in the page', () => {
  const site = serveSite()

  it('draws a V: too large and too small a step are both worse than the one between', async () => {
    const { page, errors } = await site.open('/gradcheck/?check=cross-entropy')
    const widget = page.locator('[data-widget=gradcheck]')
    await widget.scrollIntoViewIfNeeded()
    await page.waitForFunction(() => !document.querySelector('astro-island[ssr] [data-widget=gradcheck]'))
    const apartAt = async (at: number): Promise<number> => {
      await widget.locator('input[name=eps]').fill(String(at))
      return Number(await widget.locator('.legend b').first().innerText())
    }
    const [large, middle, small] = [await apartAt(37), await apartAt(23), await apartAt(1)]
    expect(middle).toBeLessThan(1e-8)
    expect(large).toBeGreaterThan(1000 * middle)
    expect(small).toBeGreaterThan(1000 * middle)
    expect(errors).toEqual([])
  })

  it('moves the cursor of the chart the way the slider moves', async () => {
    const { page } = await site.open('/gradcheck/')
    const widget = page.locator('[data-widget=gradcheck]')
    await widget.scrollIntoViewIfNeeded()
    await page.waitForFunction(() => !document.querySelector('astro-island[ssr] [data-widget=gradcheck]'))
    const slider = widget.locator('input[name=eps]')
    const cursor = async (): Promise<number> => Number(await widget.locator('line.cursor').getAttribute('x1'))
    const before = await cursor()
    expect(await widget.locator('output').innerText()).toBe('1.00e−6')
    await slider.focus()
    await page.keyboard.press('ArrowRight')
    expect(await cursor()).toBeGreaterThan(before)
    await page.keyboard.press('End')
    expect(await widget.locator('output').innerText()).toBe('1')
    await page.keyboard.press('Home')
    expect(await widget.locator('output').innerText()).toMatch(/e−13$/)
    expect(await cursor()).toBeLessThan(before)
  })

  it('never says that what was not tested passes', async () => {
    const { page } = await site.open('/gradcheck/')
    const widget = page.locator('[data-widget=gradcheck]')
    await widget.scrollIntoViewIfNeeded()
    await page.waitForFunction(() => !document.querySelector('astro-island[ssr] [data-widget=gradcheck]'))
    const status = widget.locator('[role=status]')
    for (const subject of ['cross-entropy', 'linear', 'flatten', 'conv2d']) {
      await widget.locator('select[name=subject]').selectOption(subject)
      for (const at of [0, 3, 13, 26, 36, 37, 38, 39]) {
        await widget.locator('input[name=eps]').fill(String(at))
        // These have no kinks, so none may be skipped, however wrong the differences are.
        expect(await status.innerText(), `${subject} at ${at}`).toMatch(/ 0 skipped as kinks/)
      }
    }
  })

  it('counts the kinks that a large step crosses', async () => {
    const { page } = await site.open('/gradcheck/?check=relu&eps=1')
    const widget = page.locator('[data-widget=gradcheck]')
    await widget.scrollIntoViewIfNeeded()
    await page.waitForFunction(
      () => document.querySelector<HTMLSelectElement>('select[name=subject]')?.value === 'relu',
    )
    const status = await widget.locator('[role=status]').innerText()
    expect(Number(/(\d+) skipped/.exec(status)![1])).toBeGreaterThan(5)
    expect(status).toMatch(/ 0 failed/)
  })

  it('breaks Conv2d: every view notices the unflipped kernel, and the network learns all the same', {
    timeout: 120_000,
  }, async () => {
    const { page, errors } = await site.open('/gradcheck/?break=conv2d-dx-with-the-unflipped-kernel')
    const widget = page.locator('[data-widget=break-it]')
    await widget.scrollIntoViewIfNeeded()
    await page.waitForFunction(() =>
      document.querySelector<HTMLSelectElement>('select[name=mistake]')?.value.includes('unflipped'),
    )
    await widget.getByRole('button', { name: 'Break it' }).click()
    const verdict = widget.locator('[data-caught]')
    await page.waitForSelector(
      '[data-caught~="golden"][data-caught~="differences"][data-caught~="adjoint"]',
      { timeout: 60_000 },
    )
    await page.waitForSelector('[data-caught][data-done=true]', { timeout: 60_000 })
    expect(await verdict.locator('[role=status]').innerText()).toMatch(/caught/)
    await page.waitForFunction(() =>
      /during these steps: [\d.]+ % .* [\d.]+ % with the mistake/.test(
        document.querySelector('[data-widget=break-it]')!.textContent,
      ),
    )
    expect(errors).toEqual([])
  })

  it('begins with five mistakes, and finds the others by their words', async () => {
    const { page } = await site.open('/gradcheck/')
    const widget = page.locator('[data-widget=break-it]')
    await widget.scrollIntoViewIfNeeded()
    await page.waitForFunction(() => !document.querySelector('astro-island[ssr] [data-widget=break-it]'))
    const list = widget.locator('select[name=mistake]')
    const first = list.locator('optgroup[label="To begin with"] option')
    expect(await first.count()).toBe(5)
    expect(await list.inputValue()).toBe(await first.first().getAttribute('value'))
    const all = new Set(
      await list
        .locator('option')
        .evaluateAll((every) => every.map((one) => (one as HTMLOptionElement).value)),
    )
    await widget.locator('input[name=words]').fill('tie Paid')
    expect(await list.locator('option').allInnerTexts()).toEqual(['every tie is paid'])
    expect(await list.inputValue()).toBe('max-pool2d-every-tie-is-paid')
    expect(await widget.locator('[data-found]').innerText()).toBe(`1 of ${all.size} mistakes`)
    expect(new URL(page.url()).searchParams.get('break')).toBe('max-pool2d-every-tie-is-paid')
    await widget.locator('input[name=words]').fill('tie nobody')
    expect(await widget.locator('[data-found]').innerText()).toMatch(/^No mistake/)
    expect(await widget.getByRole('button', { name: 'Break it' }).isDisabled()).toBe(true)
    expect(await widget.locator('.patch code').innerText()).toContain('max-pool2d')
  })

  it('fetches the images once, for all of its workers and all mistakes', { timeout: 120_000 }, async () => {
    const { page, errors } = await site.open('/gradcheck/?break=relu-no-mask')
    const widget = page.locator('[data-widget=break-it]')
    const asked: string[] = []
    page.context().on('request', (request) => {
      if (request.url().includes('/mnist/')) asked.push(new URL(request.url()).pathname)
    })
    await widget.scrollIntoViewIfNeeded()
    await page.waitForFunction(() => !document.querySelector('astro-island[ssr] [data-widget=break-it]'))
    const trained = () =>
      page.waitForFunction(
        () => /[\d.]+ % with the right code, [\d.]+ % with/.test(document.body.textContent),
        undefined,
        { timeout: 60_000 },
      )
    await widget.getByRole('button', { name: 'Break it' }).click()
    await trained()
    await widget.locator('select[name=mistake]').selectOption('linear-bias-gradient-as-a-mean')
    await widget.getByRole('button', { name: 'Break it' }).click()
    await page.waitForFunction(() => document.body.textContent.includes('… with the'))
    await trained()
    expect(asked.toSorted()).toEqual([
      '/mnist/subset/t10k-images-idx3-ubyte.gz',
      '/mnist/subset/t10k-labels-idx1-ubyte.gz',
      '/mnist/subset/train-images-idx3-ubyte.gz',
      '/mnist/subset/train-labels-idx1-ubyte.gz',
    ])
    expect(errors).toEqual([])
  })
})
