import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runFile } from '../../cli/src/exercises/run.ts'
import type { Finding } from '../src/widgets/exercise/examine.ts'
import { examineOwn } from '../src/widgets/exercise/own.ts'

/** What is found of code, run in Node. */
async function found(forward: string, bwd: string, seed = 3): Promise<Finding> {
  const file = join(mkdtempSync(join(tmpdir(), 'own-')), 'own.mjs')
  writeFileSync(
    file,
    `export const forward = ({ x }) => ${forward}\nexport const bwd = ({ x, dy }) => ${bwd}\n`,
  )
  return examineOwn((inputs, name) => runFile(file, inputs, { name }), seed)
}
const each = (of: string): string => `x.map((row, i) => row.map((v, j) => ${of}))`

describe('a layer of one’s own', () => {
  it('passes where bwd agrees with differences of forward', async () => {
    const right = { passed: true, lines: ['own: right, in 12 numbers'], picture: null }
    expect(await found(each('v * v'), each('2 * v * dy[i][j]'))).toEqual(right)
    expect(await found('x.flat().reduce((a, b) => a + b)', each('dy'))).toEqual(right)
    expect(await found('x.map((row) => row[0] * row[3])', each('[row[3], 0, 0, row[0]][j] * dy[i]'))).toEqual(
      right,
    )
  })

  it('is told where it does not, in a picture of all that is wrong', async () => {
    const wrong = await found(each('v * v'), each('2 * v * dy[i][j] + (i === 1 && j === 2 ? 1 : 0)'))
    expect(wrong.passed).toBe(false)
    expect(wrong.lines[0]).toBe('own: dx[1,2] is wrong')
    expect(wrong.lines[1]).toMatch(
      /^ {2}a central difference of your forward\(\) gives -?[\d.e-]+, your bwd\(\) -?[\d.]+$/,
    )
    expect(wrong.picture!.cells).toHaveLength(12)
    const [cell, ...others] = wrong.picture!.cells.filter(({ right }) => !right)
    expect(others).toEqual([])
    expect(cell.index).toEqual([1, 2])
    expect(cell.got - cell.expected).toBeCloseTo(1, 5)
    // A small mistake is one too.
    expect((await found(each('v * v'), each('2.0001 * v * dy[i][j]'))).passed).toBe(false)
  })

  it('skips kinks, and says when nothing was tested', async () => {
    const kink = each('v - x[i][j] + Math.abs(v - Math.round(1000 * v) / 1000)')
    const nothing = await found(kink, each('0'))
    expect(nothing).toEqual({
      passed: false,
      lines: ['own: nothing was tested', '  12 of 12 numbers were skipped: there is a kink at them'],
      picture: null,
    })
    const some = await found(
      each('i === 0 ? Math.abs(v - Math.round(1000 * v) / 1000) : v'),
      each('i === 0 ? 7 : dy[i][j]'),
    )
    expect(some.lines).toEqual([
      'own: right, in 8 numbers',
      '  4 of 12 numbers were skipped: there is a kink at them',
    ])
    expect(some.passed).toBe(true)
  })

  it.each([
    ['x', 'undefined', /^own: your bwd\(\) must give dx in the shape of x, \[3, 4\]$/],
    ['x', 'x[0]', /^own: your bwd\(\) must give dx/],
    ['x', 'dy.oh.no', /^own: your bwd\(\) threw: .*undefined.* \(line 2\)$/],
    ['x', '(dy[0][0] = 1, x)', /^own: your bwd\(\) changed its input dy: make a copy$/],
    ['(x[0][0] = 1, x)', 'x', /^own: your forward\(\) changed its input x: make a copy$/],
    ['nowhere', 'x', /^own: your forward\(\) threw: nowhere is not defined \(line 1\)$/],
    ['undefined', 'x', /^own: your forward\(\) must give a number or lists of numbers/],
    ['[[1], [2, 3]]', 'x', /^own: your forward\(\) must give/],
    ['[[1], ["2"]]', 'x', /^own: your forward\(\) must give/],
    ['[]', 'x', /^own: your forward\(\) must give/],
    ['x[0][0] > 0.2', 'x', /^own: your forward\(\) must give/],
    ['x) } (', 'x', /^own: the file does not load/],
  ])('%s and %s are told apart', async (forward, bwd, message) => {
    const { passed, lines } = await found(forward, bwd)
    expect({ passed, lines }).toEqual({ passed: false, lines: [expect.stringMatching(message)] })
  })

  it('what was refused where it was called is told as it was', async () => {
    const says = 'your forward() raised'
    const refused = await examineOwn(async () => ({ kind: 'ran', calls: [{ kind: 'refused', says }] }), 3)
    expect(refused).toEqual({ passed: false, lines: [`own: ${says}`], picture: null })
  })
})
