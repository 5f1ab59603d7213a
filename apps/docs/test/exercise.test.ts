import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing } from '../../../scripts/browser.ts'
import { exercises } from '../../cli/src/exercises/all.ts'
import { checkFile } from '../../cli/src/exercises/check-file.ts'
import { type Exercise, fileOf, stubOf, withMistake } from '../../cli/src/exercises/exercise.ts'
import { linesOf } from '../../cli/src/exercises/words.ts'
import { ADVICE, LONGEST, linkOf } from '../src/widgets/exercise/share.ts'
import { type Opened, serveSite } from './site.ts'

type Page = Opened['page']
const byId = (id: string): Exercise => exercises.find((one) => one.id === id)!
const linear = byId('linear-db')

/** What `handgrad exercise check` says of some code. */
async function commandSays(exercise: Exercise, code: string, seed = 0): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), 'exercise-')), `${exercise.id}.mjs`)
  writeFileSync(file, code)
  return linesOf(await checkFile(exercise, file, seed)).join('\n')
}

/** Another host, that lets everybody in, and what it was asked for. */
function serveOther(): { readonly url: string; readonly asked: string[] } {
  const asked: string[] = []
  const server = createServer(({ url }, answer) => {
    asked.push(url!)
    answer.setHeader('Access-Control-Allow-Origin', '*')
    answer.setHeader('Cross-Origin-Resource-Policy', 'cross-origin')
    answer.setHeader('Content-Type', 'text/javascript')
    answer.end('self.hit = 1')
  })
  beforeAll(() => new Promise<void>((resolve) => void server.listen(0, resolve)))
  afterAll(() => void server.close())
  return {
    get url() {
      return `http://localhost:${(server.address() as AddressInfo).port}`
    },
    asked,
  }
}

describe.skipIf(browserMissing())('exercises in the page', { timeout: 120_000 }, () => {
  const site = serveSite()
  const other = serveOther()
  const widget = (page: Page) => page.locator('[data-widget=exercise]')
  const textarea = (page: Page) => widget(page).locator('textarea')

  async function open(path: string): Promise<Opened> {
    const opened = await site.open(path)
    await widget(opened.page).scrollIntoViewIfNeeded()
    await opened.page.waitForFunction(
      () => !document.querySelector('astro-island[ssr] [data-widget=exercise]'),
    )
    return opened
  }
  async function run(page: Page): Promise<string> {
    await widget(page).getByRole('button', { name: 'Run' }).click()
    const said = widget(page).locator('.verdict pre')
    await said.waitFor({ timeout: 60_000 })
    return said.innerText()
  }
  /** What is said of the body of a solution. */
  async function say(page: Page, exercise: Exercise, body: string): Promise<string> {
    await textarea(page).fill(fileOf(exercise, body, false))
    return run(page)
  }

  it('are those of the command line, with its stubs, hints and messages', async () => {
    const dx = byId('conv2d-dx')
    const { page, errors, foreign } = await open('/exercises/?exercise=conv2d-dx')
    const listed = await widget(page)
      .locator('select[name=exercise] option')
      .evaluateAll((all) => all.map((one) => (one as HTMLOptionElement).value))
    expect(listed).toEqual([...exercises.map(({ id }) => id), 'own'])
    expect(await textarea(page).inputValue()).toBe(stubOf(dx, false))
    expect(await run(page)).toBe(await commandSays(dx, stubOf(dx, false)))
    for (const mistake of dx.mistakes) {
      const body = withMistake(dx, mistake)
      const said = await say(page, dx, body)
      expect(said).toBe(await commandSays(dx, fileOf(dx, body, false)))
      expect(said).toContain(mistake.says)
    }
    expect(await widget(page).locator('.given td').count()).toBeGreaterThan(9)
    expect(Number(await widget(page).locator('.given').getAttribute('data-wrong'))).toBe(
      await widget(page).locator('.given td.wrong').count(),
    )
    await widget(page).locator('input[name=seed]').fill('4711')
    const broken = dx.solution.replace('return { dx }', 'dx[1][2] += 0.5\nreturn { dx }')
    expect(await say(page, dx, broken)).toBe(await commandSays(dx, fileOf(dx, broken, false), 4711))
    const wrong = widget(page).locator('.given td.wrong')
    expect(await wrong.evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset.index))).toEqual([
      '1,2',
    ])
    expect(await say(page, dx, dx.solution)).toMatch(/^conv2d-dx: right, in \d+ cases$/)
    expect(await widget(page).locator('.verdict').getAttribute('data-passed')).toBe('true')
    expect(await widget(page).locator('.given').count()).toBe(0)
    await widget(page).getByRole('button', { name: 'Hint' }).click()
    expect(await widget(page).locator('.hints li').allInnerTexts()).toEqual(dx.hints.slice(0, 1))
    expect([errors, foreign]).toEqual([[], []])
  })

  it('end code that does not, after 5 s, and name what it throws, returns or changes', async () => {
    const { page } = await open('/exercises/?exercise=linear-db')
    expect(await say(page, linear, 'for (;;);')).toBe(
      'linear-db: your code did not end in 5 s, which is for the file and all calls of solve() together',
    )
    for (const body of [
      'throw new TypeError("no b")',
      'return 3',
      'dy[0][0] = 1; return { db: b }',
      'return { db: b',
    ])
      expect(await say(page, linear, body)).toBe(await commandSays(linear, fileOf(linear, body, false)))
  })

  it('run without this site’s origin and without network, and cannot say that they are right', async () => {
    const { page } = await open('/exercises/?exercise=linear-db')
    // What is asked for and stopped never answers.
    const answered: string[] = []
    page.context().on('response', (response) => answered.push(response.url()))
    expect(await say(page, linear, 'throw new Error(`origin ${self.origin}`)')).toContain('origin null')
    expect(await say(page, linear, "return indexedDB.open('a')")).toMatch(/threw: .*denied/)
    const addresses = [`${site.url}/favicon.svg`, `${other.url}/a`]
    for (const address of addresses) {
      const get = `const asked = new XMLHttpRequest(); asked.open('GET', '${address}', false); asked.send(); return {}`
      expect(await say(page, linear, get)).toMatch(/threw: .*Failed to (load|execute)/)
      expect(await say(page, linear, `importScripts('${address}'); return {}`)).toMatch(/threw: /)
      await textarea(page).fill(`import '${address}'\n${fileOf(linear, 'return {}', false)}`)
      expect(await run(page)).toMatch(/the file does not load/)
      const later = `fetch('${address}'); new WebSocket('${address.replace('http', 'ws')}'); return {}`
      expect(await say(page, linear, later)).toBe('linear-db: your solve() gave no db')
    }
    const forged = `self.postMessage({ ran: { kind: 'ran', calls: [] } }); return {}`
    expect(await say(page, linear, forged)).toBe('linear-db: your solve() gave no db')
    expect(other.asked).toEqual([])
    expect(answered.filter((url) => addresses.includes(url))).toEqual([])
  })

  it('come by a link: shown, and run only when one presses Run', async () => {
    const code = fileOf(linear, linear.solution, false)
    const { page } = await open(linkOf('/exercises/', 'linear-db', code)!)
    expect(await textarea(page).inputValue()).toBe(code)
    expect(await widget(page).locator('.verdict').innerText()).toMatch(/came by a link.*press Run/)
    await page.waitForTimeout(500)
    expect(page.frames()).toHaveLength(1)
    expect(await widget(page).locator('.verdict pre').count()).toBe(0)
    expect(await run(page)).toMatch(/^linear-db: right/)
    expect(page.frames()).toHaveLength(1)
  })

  it('make a link, and refuse one over 8 kB, coming and going', async () => {
    const { page } = await open('/exercises/?exercise=linear-db')
    await textarea(page).fill('export const solve = () => 1')
    await widget(page).getByRole('button', { name: 'Copy link' }).click()
    await expect.poll(() => widget(page).locator('.verdict').innerText()).toMatch(/The link is in/)
    expect(page.url()).toBe(linkOf(`${site.url}/exercises/`, 'linear-db', 'export const solve = () => 1'))
    await textarea(page).fill('x'.repeat(LONGEST))
    await widget(page).getByRole('button', { name: 'Copy link' }).click()
    await expect.poll(() => widget(page).locator('.verdict').innerText()).toBe(ADVICE)
    const { page: longer } = await open(`/exercises/?exercise=linear-db#code=${'A'.repeat(LONGEST)}`)
    expect(await widget(longer).locator('.verdict').innerText()).toBe(ADVICE)
    expect(await textarea(longer).inputValue()).toBe(stubOf(linear, false))
  })

  it('take a layer of one’s own, forward and bwd', async () => {
    const { page, errors } = await open('/exercises/?exercise=own')
    expect(await run(page)).toMatch(/^own: your bwd\(\) threw: not written yet/)
    const code = await textarea(page).inputValue()
    const slope = '(1 + Math.exp(-v) + v * Math.exp(-v)) / (1 + Math.exp(-v)) ** 2'
    const bwd = (of: string): string =>
      code.replace("throw new Error('not written yet')", `return x.map((row, i) => row.map((v, j) => ${of}))`)
    await textarea(page).fill(bwd(`dy[i][j] * ${slope}`))
    expect(await run(page)).toBe('own: right, in 12 numbers')
    await textarea(page).fill(bwd('dy[i][j] / (1 + Math.exp(-v))'))
    expect(await run(page)).toMatch(
      /^own: dx\[0,0\] is wrong\n {2}a central difference of your forward\(\) gives/,
    )
    expect(await widget(page).locator('.given td.wrong').count()).toBeGreaterThan(6)
    expect(errors).toEqual([])
  })
})
