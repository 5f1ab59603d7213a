import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What is measured in the miniature: it computes nothing, answers as fast as `speed.json` says, and notes each request. */
const ours = `
import { appendFileSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
const [notes, backend, turbo] = process.argv.slice(2)
const { name, speed, refused } = JSON.parse(readFileSync(new URL('speed.json', import.meta.url), 'utf8'))
const note = (text) => appendFileSync(notes, name + ' ' + text + '\\n')
appendFileSync(notes + '.pids', process.pid + '\\n')
note('starts ' + backend + (turbo === undefined ? '' : ' ' + turbo))
for await (const line of createInterface({ input: process.stdin })) {
  const { prepare, run } = JSON.parse(line)
  if (prepare !== undefined) note('prepare ' + [prepare.network, prepare.mode, prepare.batch, ...prepare.threads].join(' '))
  else note('run ' + run.threads)
  const answer = prepare !== undefined ? { step: 0.001 } : { images: speed * run.threads, seconds: 1 }
  console.log(JSON.stringify(refused === undefined ? answer : { refused }))
}
`

const files = {
  'package.json': JSON.stringify({ name: 'miniature', private: true, type: 'module' }),
  'apps/cli/package.json': JSON.stringify({ name: 'cli', private: true, type: 'module' }),
  'pnpm-workspace.yaml': 'packages:\n  - apps/*\n',
  'pnpm-lock.yaml': "lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n\n  apps/cli: {}\n",
  'scripts/build-kernels.ts': "if (process.env['NODE_ENV'] !== undefined) throw new Error('NODE_ENV is set')",
  'apps/cli/src/bench/ours.ts': ours,
}

/** A git repository as small as `bench --compare` can build. */
export class Miniature {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
    this.#git('init', '--quiet')
    this.write(files)
  }

  get root(): URL {
    return pathToFileURL(`${this.folder}/`)
  }

  write(changed: Readonly<Record<string, string>>): void {
    for (const [file, text] of Object.entries(changed)) {
      mkdirSync(dirname(join(this.folder, file)), { recursive: true })
      writeFileSync(join(this.folder, file), text)
    }
  }

  /** How fast the checkout computes from now on, under which name. */
  speed(of: { readonly name: string; readonly speed: number; readonly refused?: string }): void {
    this.write({ 'apps/cli/src/bench/speed.json': JSON.stringify(of) })
  }

  /** Commits all, with changed files; the hash. */
  commit(changed: Readonly<Record<string, string>> = {}): string {
    this.write(changed)
    this.#git('add', '--all')
    this.#git('-c', 'user.name=t', '-c', 'user.email=t@t', 'commit', '--quiet', '--message', 'a state')
    return this.#git('rev-parse', 'HEAD').trim()
  }

  #git(...args: readonly string[]): string {
    return execFileSync('git', args, {
      cwd: this.folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }
}
