import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { inProcess, jsonLines, linesOf, temporaryFolder } from '../test/handgrad.ts'
import { idxFiles, writeFiles } from '../test/idx.ts'
import { pngOf } from '../test/images.ts'

const cwd = mkdtempSync(join(tmpdir(), 'handgrad-'))

// Images in which a bright row says the class, learned in a moment; kept by the system's temporary folder.
beforeAll(async () => {
  writeFiles(join(cwd, 'bars'), idxFiles(60))
  const words = 'train --data-dir bars --model mlp --epochs 8 --batch-size 8 --threads 1 --out run --quiet'
  const { code, err } = await inProcess(cwd, words.split(' '))
  if (code !== 0) throw new Error(err)
}, 60_000)

/** The image of a class, as `idxFiles` makes it, in other sizes and kinds. */
const bar = (label: number, scale: number, light = 255, dark = 0): Uint8Array =>
  pngOf(28 * scale, 28 * scale, (_, y) => (Math.floor(y / scale) === 2 * label + 4 ? light : dark))

const predict = async (...words: string[]) => {
  const { code, out, err } = await inProcess(cwd, ['predict', 'run', ...words, '--json'])
  return { code, err, found: code === 0 ? jsonLines(out) : [] }
}

test('a file says what the test image says, whatever its size', async () => {
  writeFileSync(join(cwd, 'small.png'), bar(7, 1))
  writeFileSync(join(cwd, 'large.png'), bar(7, 9))
  const { code, found, err } = await predict('1', 'small.png', 'large.png')
  expect([code, err]).toEqual([0, ''])
  const [first, small, large] = found as { class: number; probabilities: number[] }[]
  expect(first).toMatchObject({
    event: 'predicted',
    image: 'test image 1',
    class: 7,
    label: '7',
    truth: 7,
    notes: [],
  })
  expect(small).toMatchObject({ image: 'small.png', class: 7 })
  expect(small).not.toHaveProperty('truth')
  expect(small.probabilities).toEqual(first.probabilities)
  expect(large.probabilities).toEqual(first.probabilities)
  expect(first.probabilities.reduce((sum, share) => sum + share)).toBeCloseTo(1, 12)
  expect(first.probabilities).toHaveLength(10)
})

test('--quiet: one line an image, and no note', async () => {
  writeFileSync(join(cwd, 'dim.png'), bar(3, 2, 0, 255))
  const { code, out, err } = await inProcess(cwd, ['predict', 'run', '1', 'dim.png', '--quiet'])
  expect([code, err]).toEqual([0, ''])
  expect(out).toMatch(/^test image 1: <bold>7 [^\n]+ \(right\), then [^\n]+\ndim\.png: [^\n]+\n$/)
})

test('dark on light is said, and --invert turns it', async () => {
  writeFileSync(join(cwd, 'dark.png'), bar(3, 2, 0, 255))
  const as = await predict('dark.png')
  expect(as.found[0]['notes']).toEqual([
    'looks dark on light, and the network knows light on dark: --invert turns it',
  ])
  writeFileSync(join(cwd, 'light.png'), bar(3, 2))
  const [turned, light] = [await predict('dark.png', '--invert'), await predict('light.png')]
  expect(turned.found[0]['probabilities']).toEqual(light.found[0]['probabilities'])
  expect(turned.found[0]['notes']).toEqual([])
})

test('for people: a picture, the class, the next two, and whether it is right', async () => {
  const { code, out } = await inProcess(cwd, ['predict', 'run', '1'])
  const lines = linesOf(out)
  expect([code, lines[0]]).toEqual([0, '▒'.repeat(28)])
  expect(lines.at(-1)).toMatch(
    /^test image 1: <bold>7 \d+\.\d\d %<\/> \(right\), then \d \d+\.\d\d %, \d \d+\.\d\d %$/,
  )
})

test.each<[string[], number, RegExp]>([
  [['60'], 2, /^error: there is no test image 60: expected 0 to 59\n$/],
  [['1', 'none.png'], 1, /^error: cannot read none\.png: no such file or directory\n$/],
  [['bars'], 1, /^error: cannot read bars: illegal operation on a directory\n$/],
  [['cut.png'], 1, /^error: cut\.png cannot be decoded as PNG: [^\n]+\n$/],
])('%j: %i in one line, and nothing is said of the others', async (words, exitCode, message) => {
  writeFileSync(join(cwd, 'cut.png'), bar(7, 1).slice(0, 60))
  const { code, out, err } = await inProcess(cwd, ['predict', 'run', ...words])
  expect([code, out]).toEqual([exitCode, ''])
  expect(err).toMatch(message)
})

test('what is no run is said', async () => {
  const empty = temporaryFolder()
  expect((await inProcess(empty, ['predict', '.', '0'])).err).toBe(
    'error: . cannot be resumed: no state.safetensors\n',
  )
  const { code, err } = await inProcess(cwd, ['predict', 'run/model.safetensors', '0', '--best'])
  expect([code, err]).toEqual([
    2,
    'error: --best goes with a run: run/model.safetensors is one file of weights\n',
  ])
})
