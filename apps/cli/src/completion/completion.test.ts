import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { handgrad, linesOf, temporaryFolder } from '../test/handgrad.ts'
import { shell as bash } from './shells/bash.ts'
import { shell as fish } from './shells/fish.ts'
import { shell as powershell } from './shells/powershell.ts'
import { shell as zsh } from './shells/zsh.ts'
import type { ProgramWords } from './words.ts'

const isThere = (program: string): boolean => spawnSync(program, ['--version']).error === undefined
const missing = ['bash', 'fish', 'zsh', 'script'].filter((program) => !isThere(program))
if (missing.length > 0) console.log(`completion is not tried in ${missing.join(', ')}: not on this machine`)

const cwd = mkdtempSync(join(tmpdir(), 'handgrad-'))
afterAll(() => rmSync(cwd, { recursive: true }))

/** A program of two commands, with what quotes and brackets have to get through. */
const small: ProgramWords = {
  options: [{ flags: ['--version', '-V'], description: "the program's version", values: null }],
  commands: [
    {
      name: 'bake',
      summary: "it's: a [cake]",
      options: [
        {
          flags: ['--oven', '-o'],
          description: 'which: one [hot]',
          values: { choices: ['gas', 'wood'], paths: null },
        },
        { flags: ['--tin'], description: 'where', values: { choices: [], paths: 'folders' } },
        { flags: ['--recipe'], description: 'what', values: { choices: ['plain'], paths: 'files' } },
        { flags: ['--minutes'], description: 'how long', values: { choices: [], paths: null } },
        { flags: ['--quiet'], description: String.raw`no 'word' \ at all`, values: null },
      ],
      values: { choices: ['bread', 'cake'], paths: 'files' },
    },
    {
      name: 'eat',
      summary: 'all',
      options: [{ flags: ['--fast'], description: 'now', values: null }],
      values: { choices: [], paths: null },
    },
  ],
}

/** What bash offers, a line a command line; the last word is the one under the cursor. */
function bashOffers(script: string, lines: readonly (readonly string[])[]): string[][] {
  const file = join(cwd, 'completion.bash')
  const ask = `
offer() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _handgrad; echo "\${COMPREPLY[*]}"; }
${lines.map((words) => `offer ${words.map((word) => `'${word}'`).join(' ')}`).join('\n')}`
  writeFileSync(file, `${script}\nset -u\n${ask}\n`)
  const out = execFileSync('bash', ['--norc', '--noprofile', file], { encoding: 'utf8' })
  return out
    .split('\n')
    .slice(0, lines.length)
    .map((line) => line.split(' ').filter((word) => word !== ''))
}

const offers = (...words: string[]): string[] => bashOffers(bash.script(small), [['handgrad', ...words]])[0]

describe.skipIf(missing.includes('bash'))('bash', () => {
  let script = ''
  beforeAll(async () => {
    const { code, out, err } = await handgrad(cwd, ['completion', 'bash'])
    if (code !== 0) throw new Error(err)
    script = out
  }, 60_000)

  test('knows every command and every option that help has', async () => {
    const top = await handgrad(cwd, ['--help'])
    const names = [...top.out.matchAll(/^ {2}([a-z]+)(?: \S+)* {2,}\S/gm)].map(([, name]) => name)
    expect(names.length).toBeGreaterThan(12)
    const asked = ['train', 'verify', 'runs']
    const helps = await Promise.all(asked.map((name) => handgrad(cwd, [name, '--help'])))
    const flags = helps.map(({ out }) =>
      [...out.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag),
    )
    const found = bashOffers(script, [['handgrad', ''], ...asked.map((name) => ['handgrad', name, '-'])])
    expect(found[0]).toEqual([...names, '--version', '--help'])
    expect(found.slice(1)).toEqual(flags)
  })

  test('knows the values of options and of arguments', () => {
    const lines = [
      ['train', '--model', ''],
      ['train', '--model', '=', 'len'],
      ['data', ''],
      ['help', 'ev'],
      ['completion', ''],
    ]
    expect(
      bashOffers(
        script,
        lines.map((words) => ['handgrad', ...words]),
      ),
    ).toEqual([
      ['seed', 'lenet5', 'wide', 'mlp'],
      ['lenet5'],
      ['mnist', 'fashion-mnist'],
      ['eval'],
      ['bash', 'zsh', 'fish', 'powershell'],
    ])
  })

  test.each([
    [['ba'], ['bake']],
    [[''], ['bake', 'eat', '--version']],
    [['--'], ['--version']],
    [
      ['bake', '-'],
      ['--oven', '--tin', '--recipe', '--minutes', '--quiet'],
    ],
    [
      ['bake', ''],
      ['bread', 'cake'],
    ],
    [['bake', 'bread', 'c'], ['cake']],
    [
      ['bake', '--oven', ''],
      ['gas', 'wood'],
    ],
    [['bake', '-o', 'w'], ['wood']],
    [
      ['bake', '--oven', '='],
      ['gas', 'wood'],
    ],
    [['bake', '--oven', '=', 'g'], ['gas']],
    [['bake', '--tin', ''], []],
    [['bake', '--minutes', ''], []],
    [
      ['bake', '--quiet', ''],
      ['bread', 'cake'],
    ],
    [['eat', ''], ['--fast']],
    [['eat', '--f'], ['--fast']],
    [['drink', ''], []],
  ])('%j: %j', (words, expected) => {
    expect(offers(...words)).toEqual(expected)
  })

  test.skipIf(missing.includes('script'))('a TAB on a terminal', { retry: 2 }, () => {
    const folder = temporaryFolder()
    for (const name of ['flour', 'fats']) mkdirSync(join(folder, name))
    writeFileSync(join(folder, 'file'), '')
    writeFileSync(join(folder, 'completion.bash'), bash.script(small))
    // Files where a path can stand, folders where a folder can, nothing where a number can; then `echo` is put before.
    const keys = [
      String.raw`handgrad b\t--o\tga\t--t\tfl\t fi\t`,
      String.raw`handgrad bake --tin fi\t`,
      String.raw`handgrad bake --minutes fi\t`,
      String.raw`handgrad bake --recipe fi\t`,
    ]
    const feed = `{ sleep 0.5; echo 'source completion.bash'; sleep 0.5
${keys.map((line) => `printf '${line}\\001echo \\n'; sleep 0.5`).join('\n')}
echo exit; } | script -qec 'bash --norc --noprofile -i' /dev/null`
    const { stdout } = spawnSync('bash', ['-c', feed], { cwd: folder, encoding: 'utf8' })
    // oxlint-disable-next-line no-control-regex -- what a terminal is told
    const lines = linesOf(stdout).map((line) => line.replace(/\u001B\[\?2004l|\r/g, ''))
    expect(lines.filter((line) => line.startsWith('handgrad '))).toEqual([
      'handgrad bake --oven gas --tin flour/ file',
      'handgrad bake --tin fi',
      'handgrad bake --minutes fi',
      'handgrad bake --recipe file',
    ])
  })
})

describe.skipIf(missing.includes('fish'))('fish', () => {
  const fishOffers = (line: string): string[] => {
    const file = join(cwd, 'completion.fish')
    writeFileSync(file, `${fish.script(small)}cd ${cwd}\ncomplete -C ${JSON.stringify(line)}\n`)
    return linesOf(execFileSync('fish', ['--no-config', file], { encoding: 'utf8' }))
  }

  test.each([
    ['handgrad ', ["bake\tit's: a [cake]", 'eat\tall']],
    ['handgrad --v', ["--version\tthe program's version"]],
    ['handgrad bake --o', ['--oven\twhich: one [hot]']],
    ['handgrad bake --oven ', ['gas\twhich: one [hot]', 'wood\twhich: one [hot]']],
    ['handgrad bake --qui', [String.raw`--quiet${'\t'}no 'word' \ at all`]],
    ['handgrad bake --minutes ', []],
    ['handgrad bake --recipe pl', ['plain\twhat']],
    ['handgrad bake --tin sh', ['shelf/\tDirectory']],
    ['handgrad bake b', ['bread']],
    ['handgrad bake s', ['shelf/', 'sugar']],
    ['handgrad eat s', []],
    ['handgrad eat --', ['--fast\tnow']],
  ])('%j: %j', (line, expected) => {
    mkdirSync(join(cwd, 'shelf'), { recursive: true })
    writeFileSync(join(cwd, 'sugar'), '')
    expect(fishOffers(line)).toEqual(expected)
  })
})

describe.skipIf(missing.includes('zsh'))('zsh', () => {
  /** What the script hands to zsh's own functions for a line, whose last word is the one under the cursor. */
  const zshAsks = (...words: string[]): string[] => {
    const file = join(cwd, 'completion.zsh')
    const typed = words.map((word) => `'${word}'`).join(' ')
    const stubs = `
compdef() { print -r -- "compdef $*" }
_arguments() { print -rl -- "words $words $CURRENT" "$@" }
_describe() { print -rl -- "\${(P@)2}" }`
    writeFileSync(file, `${stubs}\n${zsh.script(small)}words=(${typed}); CURRENT=\${#words}; _handgrad\n`)
    return linesOf(execFileSync('zsh', ['-f', file], { encoding: 'utf8' }))
  }

  test('is the completion of handgrad, with all commands', () => {
    expect(zshAsks('handgrad', 'b')).toEqual(['compdef _handgrad handgrad', "bake:it's: a [cake]", 'eat:all'])
  })

  test('has the options before a command', () => {
    expect(zshAsks('handgrad', '-').slice(1)).toEqual([
      'words handgrad - 2',
      "(--version -V)--version[the program's version]",
      "(--version -V)-V[the program's version]",
    ])
  })

  test('has options, their values, and arguments', () => {
    expect(zshAsks('handgrad', 'bake', '').slice(1)).toEqual([
      'words bake  2',
      String.raw`(--oven -o)--oven=[which\: one \[hot\]]:value:{ compadd -- gas wood }`,
      String.raw`(--oven -o)-o+[which\: one \[hot\]]:value:{ compadd -- gas wood }`,
      '--tin=[where]:value:{ _files -/ }',
      '--recipe=[what]:value:{ compadd -- plain; _files }',
      '--minutes=[how long]:value: ',
      String.raw`--quiet[no 'word' \\ at all]`,
      '*:argument:{ compadd -- bread cake; _files }',
    ])
    expect(zshAsks('handgrad', 'eat', '').slice(1)).toEqual(['words eat  2', '--fast[now]'])
  })
})

test('PowerShell: pairs of a word and what it is, quotes doubled', () => {
  const script = powershell.script(small)
  for (const line of [
    "  $first = @(,@('bake', 'it''s: a [cake]'); ,@('eat', 'all'); ,@('--version', '--version'))",
    String.raw`    'eat' = @(,@('--fast', 'now'))`,
    "    'bake' = @(,@('bread', 'bread'); ,@('cake', 'cake'))",
    "    'eat' = @()",
    "    'bake --oven' = @(,@('gas', 'gas'); ,@('wood', 'wood'))",
    "    'bake -o' = @(,@('gas', 'gas'); ,@('wood', 'wood'))",
    "    'bake --minutes' = @()",
  ])
    expect(script.split('\n')).toContain(line)
  expect(script).toMatch(
    /^ {4}'bake' = @\(,@\('--oven', 'which: one \[hot\]'\); ,@\('-o', 'which: one \[hot\]'\); /m,
  )
  expect(script).not.toContain("'bake --quiet' =")
})

test('--json has the same words for other shells; another shell is refused', async () => {
  const { code, out } = await handgrad(cwd, ['completion', 'fish', '--json'])
  expect(code).toBe(0)
  const { commands, options } = JSON.parse(out) as ProgramWords
  expect(options.map(({ flags }) => flags)).toEqual([
    ['--version', '-V'],
    ['--help', '-h'],
  ])
  const train = commands.find(({ name }) => name === 'train')!
  expect(train.summary).toBe('train a network and measure it on the test set')
  const values = (flag: string) => train.options.find(({ flags }) => flags.includes(flag))!.values
  expect(values('--quiet')).toBeNull()
  expect(values('--config')).toEqual({ choices: [], paths: 'files' })
  expect(values('--data-dir')).toEqual({ choices: [], paths: 'folders' })
  expect(values('--lr')).toEqual({ choices: [], paths: null })
  expect(values('--optimizer')).toEqual({ choices: ['sgd', 'adam'], paths: null })
  expect(commands.find(({ name }) => name === 'runs')!.values).toEqual({ choices: [], paths: 'folders' })
  expect(commands.find(({ name }) => name === 'predict')!.values).toEqual({ choices: [], paths: 'files' })
  expect(commands.at(-1)).toEqual({
    name: 'help',
    summary: 'show the help of a command',
    options: [],
    values: { choices: commands.slice(0, -1).map(({ name }) => name), paths: null },
  })
  expect((await handgrad(cwd, ['completion', 'tcsh'])).code).toBe(2)
})
