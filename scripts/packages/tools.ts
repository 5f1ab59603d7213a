import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

export const root: string = join(import.meta.dirname, '../..')
/** A manifest and a lockfile of their own, outside the workspace: a clone that only trains installs none of it. */
export const tools: string = join(import.meta.dirname, 'tools')

/** The file of an installed tool. */
export const tool = (path: string): string => join(tools, 'node_modules', path)

/** A Node, a Bun or a Deno that came from npm; null where it has none for this machine. */
export interface Runtime {
  readonly name: string
  readonly path: string | null
}

const platform = `${process.platform}-${process.arch}`

function runtime(name: string, paths: readonly string[]): Runtime {
  return { name, path: paths.map(tool).find(existsSync) ?? null }
}

const nodeOf = (name: string): Runtime => runtime(name, [`node-${name}-${platform}/bin/node`])

/** The oldest that is promised, the newest of its line, the one of this repository, and one that is too old. */
export const nodes: Readonly<Record<'18' | '20.0' | '20' | '24', Runtime>> = {
  get '18'() {
    return nodeOf('18')
  },
  get '20.0'() {
    return nodeOf('20.0')
  },
  get '20'() {
    return nodeOf('20')
  },
  '24': { name: '24', path: process.execPath },
}

/** Bun and Deno. */
export const others = (): readonly Runtime[] => [
  runtime('bun', ['@oven/bun-linux-x64/bin/bun', '@oven/bun-darwin-aarch64/bin/bun']),
  runtime('deno', ['@deno/linux-x64-glibc/deno', '@deno/darwin-arm64/deno']),
]

/** Says why what needs `runtime` is left out here; where CI=true that is a failure. */
export function isMissing({ name, path }: Runtime, always: boolean = process.env['CI'] === 'true'): boolean {
  if (path !== null) return false
  const why = `${name}: npm has none for ${platform}`
  if (always) throw new Error(why)
  console.warn(`skipped: ${why}`)
  return true
}

/** What pnpm and vitest tell their own scripts: nothing of it is for programs that users start. */
const ours = /^(npm_(lifecycle|package|command|execpath|node_execpath)|NODE_(ENV|OPTIONS|PATH)$|VITEST)/

/** An environment in which `node`, and what starts with it, is this one. */
export function pathWith(node: string): NodeJS.ProcessEnv {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)))
  return { ...env, PATH: `${dirname(node)}${delimiter}${process.env['PATH']}`, NO_COLOR: '1', INIT_CWD: '' }
}

/** How a program ended, and what it said. */
export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end, on `node` where one is given. */
export function end(
  command: string,
  args: readonly string[],
  cwd: string,
  node: string = process.execPath,
): Ended {
  const options = { cwd, env: pathWith(node), encoding: 'utf8', timeout: 300_000 } as const
  const { status, stdout, stderr, error } = spawnSync(command, args, options)
  return { status, stdout, stderr: error === undefined ? stderr : `${stderr}${error.message}` }
}

/** What a program printed. @throws Error with all that it said when it failed. */
export function output(command: string, args: readonly string[], cwd: string, node?: string): string {
  const { status, stdout, stderr } = end(command, args, cwd, node)
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`)
  return stdout
}

/** The packages with code for others to import. */
export const libraries: readonly string[] = readdirSync(join(root, 'packages')).filter((name) =>
  existsSync(join(root, 'packages', name, 'tsconfig.build.json')),
)

/** The first example of a README. */
export function example(readme: string): string {
  const [, code] = /^```[jt]s\n([^]*?)^```/m.exec(readFileSync(readme, 'utf8')) ?? []
  if (code === undefined) throw new Error(`${readme} has no example`)
  return code
}

/** README's own example as a program, in JavaScript and TypeScript alike: five steps on x and y, each loss printed. */
export function rootExample(): string {
  const [made, step] = example(join(root, 'README.md')).split(/^(?=const loss = )/m)
  return `import { rand, tensor } from '@handgrad/tensor'
${made}
const x = rand([4, 1, 28, 28])
const y = tensor(Int32Array.of(3, 1, 4, 1))
for (let i = 0; i < 5; i++) {
  ${step}
  console.log(loss.item())
}
`
}

/** The numbers of a program that prints one a line. */
export const numbers = (stdout: string): number[] => stdout.trim().split('\n').map(Number)
