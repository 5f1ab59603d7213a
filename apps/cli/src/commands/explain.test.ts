import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test, vi } from 'vitest'
import type { Explanation } from '../explain/explain.ts'
import { inProcess, jsonLines, linesOf } from '../test/handgrad.ts'
import { idxFiles, writeFiles } from '../test/idx.ts'

const cwd = mkdtempSync(join(tmpdir(), 'handgrad-'))
const words = (text: string): string[] => text.split(' ')

beforeAll(async () => {
  writeFiles(join(cwd, 'bars'), idxFiles(30))
  const { code, err } = await inProcess(
    cwd,
    words('train --data-dir bars --epochs 3 --batch-size 8 --threads 1 --out run --quiet'),
  )
  if (code !== 0) throw new Error(err)
}, 60_000)

test('for programs: what predict says, with all terms, layer by layer', async () => {
  const { code, out, err } = await inProcess(cwd, words('explain run 4 --json'))
  expect([code, err]).toEqual([0, ''])
  const [found] = jsonLines(out) as unknown as (Explanation & Record<string, unknown>)[]
  const [predicted] = jsonLines((await inProcess(cwd, words('predict run 4 --json'))).out)
  expect(found).toMatchObject({
    event: 'explained',
    image: 4,
    truth: predicted['truth'],
    predicted: predicted['class'],
    followed: predicted['class'],
  })
  const shares = found.classes.map(({ probability }) => probability)
  for (const [k, share] of (predicted['probabilities'] as number[]).entries())
    expect(shares[k]).toBeCloseTo(share, 6)
  expect(found.classes[9]).toHaveProperty('name', '9')
  expect(found.layers.map(({ name, layer }) => `${name} ${layer}`)).toEqual([
    '0 Conv2d(1→8, 3×3)',
    '1 ReLU()',
    '2 MaxPool2d(2×2)',
    '3 Conv2d(8→16, 3×3)',
    '4 ReLU()',
    '5 MaxPool2d(2×2)',
    '6 Flatten(1, -1)',
    '7 Linear(784→10)',
  ])
  expect(found.layers[7].forward[0].terms).toHaveLength(785)
  const linear = found.layers[7].forward[0]
  expect(linear.terms!.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(linear.value, 4)
})

test('for people: the image, the way there and back', async () => {
  const { code, out, err } = await inProcess(cwd, words('explain run 4 --terms 2'))
  expect([code, err]).toEqual([0, ''])
  const lines = linesOf(out)
  expect(lines[0]).toMatch(
    /^test image 4 of MNIST is 8; <bold>the network says \d, \d+\.\d\d %<\/>, loss \d\.\d{4}$/,
  )
  expect(lines.filter((line) => line.startsWith('<bold>'))).toEqual(
    [
      'FORWARD',
      '0 Conv2d(1→8, 3×3)',
      '1 ReLU()',
      '2 MaxPool2d(2×2)',
      '3 Conv2d(8→16, 3×3)',
      '4 ReLU()',
      '5 MaxPool2d(2×2)',
      '6 Flatten(1, -1)',
      '7 Linear(784→10)',
      'softmax and loss',
      'BACKWARD',
      '7 Linear(784→10)',
      '6 Flatten(1, -1)',
      '5 MaxPool2d(2×2)',
      '4 ReLU()',
      '3 Conv2d(8→16, 3×3)',
      '2 MaxPool2d(2×2)',
      '1 ReLU()',
      '0 Conv2d(1→8, 3×3)',
    ].map((title) => `<bold>${title}</>`),
  )
  expect(out).toMatch(/^Followed is one number: the logit of \d, .* down to the pixel x\[0,\d+,\d+\]\.$/m)
  expect(out).toMatch(
    /^ {2}y\[\d\] = -?[\d.]+, a sum of 785\n( {4}[ +] w\[\d,\d+\]·x\[\d+\] .*\n){2} {4}\+ 783 others /m,
  )
})

test('another logit, by name or by number; quiet; what is not there', async () => {
  const followed = async (name: string) =>
    jsonLines((await inProcess(cwd, ['explain', 'run', '0', '--json', '--class', name])).out)[0]['followed']
  expect(await followed('3')).toBe(3)
  const quiet = await inProcess(cwd, words('explain run 0 --quiet'))
  expect(quiet.out).toMatch(/^test image 0 of MNIST is 0; [^\n]+\n$/)
  const refused = async (call: string, code: number, err: string) =>
    expect(await inProcess(cwd, words(call))).toEqual({ code, out: '', err: `error: ${err}\n` })
  await refused('explain run 30', 2, 'there is no test image 30: expected 0 to 29')
  await refused(
    'explain run 0 --class 10',
    2,
    '--class 10: there is no such class, expected 0, 1, 2, 3, 4, 5, 6, 7, 8, 9',
  )
  await refused(
    'explain run x',
    2,
    "command-argument value 'x' is invalid for argument 'index'. expected a whole number, 0 or more",
  )
  await refused(
    'explain run 0 --terms -1',
    2,
    "option '--terms <n>' argument '-1' is invalid. expected a whole number, 0 or more",
  )
})

test('a dumb terminal has ASCII alone', async () => {
  vi.stubEnv('TERM', 'dumb')
  const { out } = await inProcess(cwd, words('explain run 1'))
  expect(out).not.toMatch(/[░▒▓█]/)
  expect(out).toMatch(/[.:=+*#%@]{10}/)
})
