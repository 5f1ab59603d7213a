import { readFileSync } from 'node:fs'
import { readSafetensors } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { browserMissing } from '../../../scripts/browser.ts'
import { drawSeven, paperReady } from './draw.ts'
import { serveSite } from './site.ts'

const { metadata } = readSafetensors(
  readFileSync(new URL('../public/weights/seed.safetensors', import.meta.url)),
)
const about = metadata as Record<string, string>

it('the weights that ship say command, commit, seed and test accuracy', () => {
  expect(about).toMatchObject({
    command: expect.stringMatching(/^handgrad train .*--seed 0$/),
    model: 'seed',
    seed: '0',
  })
  expect(about['commit']).toMatch(/^[\da-f]{12}$/)
  expect(Number(about['testAccuracy'])).toBeGreaterThan(0.98)
})

describe.skipIf(browserMissing())('the weights that ship', { timeout: 120_000 }, () => {
  const site = serveSite()

  it('have the test accuracy that they say, measured again in the page', async () => {
    const { page, errors, foreign } = await site.open('/')
    const draw = page.locator('[data-widget=draw]')
    await draw.scrollIntoViewIfNeeded()
    await page.waitForFunction(() => !document.querySelector('astro-island[ssr] [data-widget=draw]'))
    expect(await draw.innerText()).toContain(`${(100 * Number(about['testAccuracy'])).toFixed(2)} %`)
    await draw.getByRole('button', { name: 'Measure it again' }).click()
    const found = draw.locator('[data-right]')
    await found.waitFor({ timeout: 90_000 })
    expect(await found.getAttribute('data-images')).toBe('10000')
    // Kernels without fused multiply-add may decide a close case otherwise.
    const right = Number(await found.getAttribute('data-right'))
    expect(Math.abs(right - 10_000 * Number(about['testAccuracy']))).toBeLessThanOrEqual(2)
    expect([errors, foreign]).toEqual([[], []])
  })

  it('read a drawing on the first page at once, with every layer', async () => {
    const { page, errors } = await site.open('/')
    await paperReady(page)
    await drawSeven(page)
    expect(await page.locator('[data-widget=draw] details .tensor').count()).toBe(18)
    expect(errors).toEqual([])
  })
})
