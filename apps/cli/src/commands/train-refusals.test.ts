import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { handgrad, inProcess, linesOf, quick, temporaryFolder } from '../test/handgrad.ts'
import { idxFiles, writeFiles } from '../test/idx.ts'

describe('wrong options and values: one line, exit code 2, nothing written', () => {
  test.each([
    [['--epoch', '3'], "error: unknown option '--epoch' (Did you mean --epochs?)"],
    [['--lr', 'abc'], "error: option '--lr <rate>' argument 'abc' is invalid. expected a number above 0"],
    [['--lr', '-0.1'], 'expected a number above 0'],
    [['--lr', ''], 'expected a number above 0'],
    [
      ['--batch-size', '0'],
      "error: option '--batch-size <n>' argument '0' is invalid. expected a whole number",
    ],
    [['--epochs', '1.5'], 'expected a whole number, 1 or more'],
    [['--epochs'], "error: option '--epochs <n>' argument missing"],
    [['--seed', '0x10'], 'expected a whole number'],
    [['--threads', '0'], 'expected a whole number, 1 to 256'],
    [['--limit', '1'], 'expected a whole number, 2 or more'],
    [['--momentum', '1'], 'expected a number from 0 to below 1'],
    [['--model', 'resnet'], 'expected seed, lenet5, wide, mlp'],
    [['--dataset', 'cifar'], 'expected mnist, fashion-mnist'],
    [['--preset', 'best'], 'expected default, seed'],
    [['--optimizer', 'lion'], 'expected sgd, adam'],
    [['--schedule', 'cosine'], 'expected constant, step, one-cycle'],
    [['--backend', 'gpu'], 'expected reference, simd-plain, simd'],
    [['--optimizer', 'adam', '--momentum', '0.9'], 'goes with optimizer sgd'],
    [['extra'], "error: too many arguments for 'train'"],
    [['--', '--lr', 'abc'], 'expected a number above 0'],
  ])('train %j', async (args, message) => {
    const cwd = temporaryFolder()
    const { code, out, err } = await inProcess(cwd, ['train', ...args])
    expect({ code, out, lines: linesOf(err).length }).toEqual({ code: 2, out: '', lines: 1 })
    expect(err).toMatch(/^error: /)
    expect(err).toContain(message)
    expect(readdirSync(cwd)).toEqual([])
  })

  test('an unknown command', async () => {
    const { code, out, err } = await inProcess(temporaryFolder(), ['trian'])
    expect([code, out, err]).toEqual([2, '', "error: unknown command 'trian' (Did you mean train?)\n"])
  })
})

describe('files that are wrong: one line, exit code 1, nothing written', () => {
  const whole = idxFiles(20)
  const cut = (name: string): Record<string, Uint8Array> => ({ ...whole, [name]: whole[name].slice(0, -1) })
  const changed = (name: string, at: number, value: number): Record<string, Uint8Array> => {
    const bytes = whole[name].slice()
    bytes[at] = value
    return { ...whole, [name]: bytes }
  }
  const { 't10k-labels-idx1-ubyte': _, ...incomplete } = whole
  test.each([
    ['a missing file', incomplete, /has no t10k-labels/],
    ['a truncated file', cut('train-images-idx3-ubyte'), /train-images-idx3-ubyte: /],
    ['a truncated test file', cut('t10k-images-idx3-ubyte'), /t10k-images-idx3-ubyte: /],
    ['a wrong magic number', changed('train-labels-idx1-ubyte', 0, 1), /train-labels-idx1-ubyte: /],
    ['a label above 9', changed('train-labels-idx1-ubyte', 8 + 3, 10), /label 3 is 10, expected 0 to 9/],
    [
      'counts that differ',
      { ...whole, 'train-labels-idx1-ubyte': idxFiles(19)['train-labels-idx1-ubyte'] },
      /has 20 images, but .* has 19 labels/,
    ],
  ])('%s', async (_name, files, message) => {
    const cwd = temporaryFolder()
    writeFiles(join(cwd, 'data'), files)
    const { code, out, err } = await inProcess(cwd, ['train', '--data-dir', 'data', '--out', 'run'])
    expect({ code, out, lines: linesOf(err).length }).toEqual({ code: 1, out: '', lines: 1 })
    expect(err).toMatch(message)
    expect(err).toMatch(/^error: /)
    expect(readdirSync(cwd)).toEqual(['data'])
  })

  test('an output folder that is not empty, is a file, or cannot be made', async () => {
    const cwd = temporaryFolder()
    mkdirSync(join(cwd, 'full'))
    writeFileSync(join(cwd, 'full', 'mine.txt'), 'mine')
    const expected = [
      ['full', /^error: --out full is not empty \(it holds mine\.txt\): name a new or an empty folder\n$/],
      ['full/mine.txt', /^error: cannot use .*mine\.txt as a folder: not a directory\n$/],
      ['full/mine.txt/below', /^error: cannot use .*below as a folder: not a directory\n$/],
      // Node's own recursive mkdir hangs here.
      ...(process.platform === 'linux'
        ? [['/proc/none/run', /^error: cannot make the folder .*\n$/] as const]
        : []),
    ] as const
    for (const [out, message] of expected) {
      const result = await handgrad(cwd, [...quick, '--out', out])
      expect([result.code, result.out]).toEqual([1, ''])
      expect(result.err).toMatch(message)
    }
    expect(readdirSync(join(cwd, 'full'))).toEqual(['mine.txt'])
  })

  test('a loss that is no longer a number: 3, and what was saved before stays', async () => {
    const cwd = temporaryFolder()
    const { code, out, err } = await handgrad(cwd, [...quick, '--lr', '1e30', '--out', 'deep/run'])
    expect([code, out]).toEqual([3, ''])
    expect(err).toMatch(
      /^error: .* \(training, epoch 1, batch \d+\).*; the last good checkpoint stays in \S+\n$/m,
    )
    expect(readdirSync(join(cwd, 'deep/run')).sort()).toEqual(['config.json', 'state.safetensors'])
  })
})
