import { describe, expect, it } from 'vitest'
import { browserMissing } from '../../../scripts/browser.ts'
import { serveSite } from './site.ts'

describe.skipIf(browserMissing())('the switch of cases', () => {
  const site = serveSite()

  it('begins with the plainest, sets all equations of the page, and keeps the case in the address', async () => {
    const { page, errors } = await site.open('/layers/conv2d/')
    const equation = (step: string) => page.locator(`[data-step=${step}] .katex-html`)
    const text = async (step: string) => (await equation(step).innerText()).replaceAll(/\s/g, '')
    expect(await text('dx-flipped')).toMatch(/dx\[a,e\]=.*w\[i,j\]dy\[a−i,e−j\]/)
    expect(await text('dw-substitute')).not.toContain('n')
    await page.locator('[data-cases="layers/conv2d"]').first().selectOption({ label: '+ groups' })
    await page.waitForFunction(() =>
      document.querySelector('[data-step=dw-substitute] .katex-html')!.textContent.includes('⌊'),
    )
    expect(await text('dw-substitute')).toContain('n')
    expect(await page.locator('[data-cases]').last().inputValue()).toBe('4')
    expect(await page.locator('[data-step=forward-matrix] .when').innerText()).toBe(
      'This holds with a single group.',
    )
    expect(new URL(page.url()).searchParams.get('case')).toBe('4')
    const again = await site.open('/layers/conv2d/?case=1')
    await again.page.waitForFunction(() =>
      document.querySelector('[data-step=forward] .katex-html')!.textContent.includes('c'),
    )
    expect(errors).toEqual([])
  })

  it('two derivations on one page have a case each, and the address says both', async () => {
    const { page, errors } = await site.open('/optimizers/')
    const shown = async (of: string): Promise<(string | null)[]> =>
      page
        .locator(`.derivation[data-of="loss-optim/${of}"] li:not([hidden])`)
        .evaluateAll((items) => items.map((item) => item.getAttribute('data-step')))
    const within = (look: () => Promise<unknown>) => expect.poll(look, { timeout: 20_000 })
    expect(await shown('sgd')).toEqual(['update'])
    expect(await shown('adam')).not.toContain('count')
    await page.locator('[data-cases="loss-optim/adam"]').selectOption('1')
    await within(() => shown('adam')).toContain('count')
    expect(await shown('sgd')).toEqual(['update'])
    await page.locator('[data-cases="loss-optim/sgd"]').selectOption('2')
    await within(() => shown('sgd')).toContain('direction')
    expect(new URL(page.url()).search).toBe('?case-adam=1&case=2')
    await page.reload()
    await within(() => shown('sgd')).toContain('direction')
    await within(() => shown('adam')).toContain('count')
    await page.locator('[data-cases="loss-optim/adam"]').selectOption('0')
    await within(() => shown('adam')).not.toContain('count')
    expect(new URL(page.url()).search).toBe('?case=2')
    expect(errors).toEqual([])
  })

  it('hides what does not apply, and says where a line says nothing new', async () => {
    const { page } = await site.open('/cross-entropy/')
    expect(await page.locator('[data-step=target-probabilities]').isVisible()).toBe(false)
    expect(
      (await page.locator('[data-step=sample-loss-plain] .katex-html').innerText()).replaceAll(/\s/g, ''),
    ).toContain('−logp[t]')
    const conv = await site.open('/layers/conv2d/')
    expect(await conv.page.locator('[data-step=dw] .again').first().innerText()).toMatch(/says it already/)
  })
})
