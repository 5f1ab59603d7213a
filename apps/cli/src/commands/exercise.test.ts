import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exercises } from '../exercises/all.ts'
import { fileOf } from '../exercises/exercise.ts'
import { inPython, wrongInPython } from '../exercises/python/all.ts'
import { pythonFile, pythonStub } from '../exercises/python/file.ts'
import { handgrad, inProcess, jsonLines, temporaryFolder } from '../test/handgrad.ts'
import { numpyLack } from '../test/python.ts'

const dx = exercises.find(({ id }) => id === 'conv2d-dx')!

describe('handgrad exercise', () => {
  it('lists, starts, hints and checks', async () => {
    const folder = temporaryFolder()
    const exercise = (...args: string[]) => handgrad(folder, ['exercise', ...args])
    const listed = await exercise('list')
    expect(listed.out.trimEnd().split('\n')).toHaveLength(exercises.length)
    expect(listed.out).toMatch(/^conv2d-dx +the gradient of the input of a convolution$/m)

    const started = await exercise('start', 'conv2d-dx')
    expect(started).toMatchObject({ code: 0, out: `${join(folder, 'exercises', 'conv2d-dx.ts')}\n` })
    expect(readFileSync(join(folder, 'exercises/conv2d-dx.ts'), 'utf8')).toContain('{ dx: number[][] }')
    expect(await exercise('start', 'conv2d-dx')).toMatchObject({
      code: 1,
      err: expect.stringContaining('is there already'),
    })

    const stub = await exercise('check', '--seed', '3')
    expect(stub).toMatchObject({
      code: 3,
      out: expect.stringMatching(/^conv2d-dx: your solve\(\) threw: not written yet/),
    })

    const turned = dx.solution.replace('w[i][j]', 'w[w.length - 1 - i][w[0].length - 1 - j]')
    writeFileSync(join(folder, 'exercises/conv2d-dx.ts'), fileOf(dx, turned, true))
    const wrong = await exercise('check', 'conv2d-dx', '--seed', '3')
    expect(wrong.code).toBe(3)
    expect(wrong.out).toMatch(/^conv2d-dx: the kernel is not turned/)
    expect(wrong.out).toMatch(
      / {2}dx\[0,0\] \(5 × 6, kernel 3 × 2, .*\): expected -?[\d.]+, got -?[\d.]+\n {2}a central difference/,
    )

    writeFileSync(join(folder, 'exercises/conv2d-dx.ts'), fileOf(dx, dx.solution, true))
    const right = await exercise('check', '--json', '--junit', 'results.xml')
    expect(right.code).toBe(0)
    expect(jsonLines(right.out)).toEqual([
      { exercise: 'conv2d-dx', passed: true, cases: 2, says: [], wrong: null },
    ])
    expect(readFileSync(join(folder, 'results.xml'), 'utf8')).toContain('tests="1" failures="0"')

    expect((await exercise('hint', 'conv2d-dx', '--step', '2')).out).toMatch(
      /^Output h reads row a .*\nMore: --step 3 of 3\n$/,
    )
  }, 60_000)

  it('starts and checks files in Python, by their name or from where one stands', {
    timeout: 60_000,
  }, async ({ skip }) => {
    const folder = temporaryFolder()
    const exercise = async (...args: string[]) => {
      const finished = await inProcess(folder, ['exercise', ...args])
      // Without the marks of its colours.
      return { ...finished, out: finished.out.replace(/<\/?\w*>/g, '') }
    }
    const file = join(folder, 'exercises', 'conv2d-dx.py')
    expect(await exercise('start', '--python', 'conv2d-dx')).toMatchObject({
      code: 0,
      out: `${file}\n`,
      err: 'Write solve(), then: handgrad exercise check conv2d-dx.py\n',
    })
    expect(readFileSync(file, 'utf8')).toBe(pythonStub(dx))
    expect(await exercise('start', '--python', 'conv2d-dx')).toMatchObject({
      code: 1,
      err: `error: ${file} is there already, and is left as it is\n`,
    })
    expect((await exercise('hint', 'conv2d-dx.py')).out).toMatch(/^Which outputs read/)
    expect(await handgrad(folder, ['exercise', 'check'], { HANDGRAD_PYTHON: '/nowhere' })).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(/^error: cannot start \/nowhere .*HANDGRAD_PYTHON/),
    })
    expect(await exercise('start', 'conv2d-dx')).toMatchObject({ code: 0 })

    const lack = numpyLack()
    if (lack !== null) skip(lack)
    const stub = await exercise('check', 'conv2d-dx.py')
    expect(stub).toMatchObject({
      code: 3,
      out: expect.stringMatching(/^conv2d-dx: your solve\(\) raised Not/),
    })
    writeFileSync(file, pythonFile(dx, wrongInPython(dx, 0)))
    const wrong = await exercise('check', 'conv2d-dx.py', '--seed', '3', '--junit', 'results.xml')
    expect(wrong.code).toBe(3)
    expect(wrong.out).toMatch(/^conv2d-dx: the kernel is not turned/)
    expect(wrong.out).toMatch(/ {2}dx\[0,0\] .*: expected -?[\d.]+, got -?[\d.]+\n {2}a central difference/)
    expect(readFileSync(join(folder, 'results.xml'), 'utf8')).toContain('tests="1" failures="1"')
    writeFileSync(file, pythonFile(dx, inPython(dx).solution))
    const right = await exercise('check', 'exercises/conv2d-dx.py', '--json')
    expect(right.code).toBe(0)
    expect(jsonLines(right.out)).toEqual([
      { exercise: 'conv2d-dx', passed: true, cases: 2, says: [], wrong: null },
    ])
    // Both are there: without its ending, the name is that of the other one.
    expect((await exercise('check', 'conv2d-dx')).out).toMatch(/^conv2d-dx: your solve\(\) threw/)
  })

  it('what a file prints is no verdict, and all of it is there', { timeout: 60_000 }, async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'conv2d-dx.mjs'), fileOf(dx, `console.log('begun')\n${dx.solution}`, false))
    const { code, out, err } = await handgrad(folder, ['exercise', 'check', 'conv2d-dx.mjs', '--json'])
    expect({ code, err, verdicts: jsonLines(out) }).toMatchObject({
      code: 0,
      err: 'begun\nbegun\n',
      verdicts: [{ exercise: 'conv2d-dx', passed: true }],
    })
  })

  it('says which file is not there', async () => {
    const folder = temporaryFolder()
    const missing = async (name: string) => (await inProcess(folder, ['exercise', 'check', name])).err
    const path = (name: string) => join(folder, 'exercises', name)
    expect(await missing('adam.py')).toBe(
      `error: ${path('adam.py')} is not there: handgrad exercise start adam --python\n`,
    )
    expect(await missing('adam.mjs')).toBe(
      `error: ${path('adam.mjs')} is not there: handgrad exercise start adam\n`,
    )
    expect(await missing('adam')).toBe(
      `error: ${path('adam.ts')} is not there: handgrad exercise start adam\n`,
    )
    expect(await missing('adem.py')).toMatch(/^error: there is no exercise adem: /)
  }, 30_000)

  it('refuses what it does not know', async () => {
    const folder = temporaryFolder()
    expect(await handgrad(folder, ['exercise', 'solve'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('expected one of list'),
    })
    expect(await handgrad(folder, ['exercise', 'check', 'conv3d'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('no exercise conv3d'),
    })
    expect(await handgrad(folder, ['exercise', 'check'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('no exercise was started'),
    })
  }, 30_000)
})
