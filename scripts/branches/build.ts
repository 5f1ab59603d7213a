import { globSync, readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { compileKernels } from '../compile-kernels.ts'
import { kernelPackages } from '../kernel-sources.ts'
import { taken as takenInSources } from './counters.ts'
import { instrument, type Language } from './instrument.ts'
import { sizesOf } from './least-turns.ts'
import type { Point } from './point.ts'
import { placeOf, programFunctions } from './program-functions.ts'
import { parse, type Tree } from './syntax.ts'

const root = join(import.meta.dirname, '../..')
/** Where the first block of the kernels' memory lies: the counters are taken before anything else. */
const AT = 64

/** Modules with counters in the kernels and in what writes programs down, beside the ones without. */
export interface CountedBuild {
  readonly points: readonly Point[]
  /** Imports a module with counters, by its path from the repository's root. */
  readonly load: <T>(path: string) => Promise<T>
  /** Calls `run`, and says which outcomes it took. */
  readonly taken: <T>(run: () => T) => { result: T; taken: Uint8Array }
}

/** How TypeScript counts: calls of counters.ts. */
export const typescript: Language = {
  prelude: `import { branch as __branch, hit as __hit, known as __known, second as __second, turns as __turns } from '${pathToFileURL(join(import.meta.dirname, 'counters.ts')).href}'`,
  finally: true,
}

/** How AssemblyScript counts, in memory from `at` on. */
export function assemblyscript(at: number): Language {
  const functions = [
    `hit(first: usize): void { store<u8>(first + ${at}, 1) }`,
    `branch<T>(value: T, first: usize): T { store<u8>(first + ${at} + usize(value ? 0 : 1), 1); return value }`,
    `turns(count: i32, first: usize): void { store<u8>(first + ${at} + usize(min(count, 2)), 1) }`,
  ]
  return {
    prelude: functions.map((text) => `// @ts-ignore\n@inline\nfunction __${text}`).join('\n'),
    finally: false,
  }
}

/** The sources of a pattern by path from the repository's root, parsed. */
function sources(
  pattern: string,
  isWanted: (file: string) => boolean,
): Map<string, { text: string; tree: Tree }> {
  const files = globSync(pattern, { cwd: root }).map((file) => file.replaceAll('\\', '/'))
  return new Map(
    files
      .filter(isWanted)
      .sort()
      .map((file) => {
        const text = readFileSync(join(root, file), 'utf8')
        return [file, { text, tree: parse(file, text) }]
      }),
  )
}

/** What proves, and does not run in a network. */
const PROOF =
  /^packages\/gradcheck\/|\.(as|test|proof|generated)\.ts$|\/(spec|derivation|mutants)\.ts$|\/(test|programs)\//

/** What has programs run, owns them or tells of them: it writes none. */
const RUNS =
  /\/engine\/(guards|loaded|plan|plans|pool|program-\w+|stretch|threads|work|worker)\.ts$|\/simd\/(kernels|memory)\.ts$|\/src\/(describe-program|layer|network)\.ts$|\/planned\/stepper\.ts$/

/** All sources with counters, by path from the repository's root. */
export function instrumentAll(): { code: ReadonlyMap<string, string>; points: Point[] } {
  const code = new Map<string, string>()
  const points: Point[] = []
  const kernels = sources('packages/*/src/**/*.as.ts', () => true)
  const sizes = new Map([...kernels.values()].flatMap(({ text, tree }) => sizesOf(text, tree)))
  const modules = sources('packages/*/src/**/*.ts', (file) => !PROOF.test(file) && !RUNS.test(file))
  const functions = programFunctions(new Map([...modules].map(([file, { tree }]) => [file, tree])))
  let next = 0
  const add = (
    file: string,
    source: { text: string; tree: Tree },
    language: Language,
    all: boolean,
  ): void => {
    const counts = (node: Parameters<typeof placeOf>[1]): boolean => all || functions.has(placeOf(file, node))
    const made = instrument({ file, ...source, counts, sizes }, language, next)
    if (made.points.length === 0) return
    next = counters(made.points)
    code.set(file, made.code)
    points.push(...made.points)
  }
  for (const [file, source] of kernels) add(file, source, assemblyscript(AT), true)
  for (const [file, source] of modules) add(file, source, typescript, false)
  return { code, points }
}

/** Compiles all kernels with counters, in memory, and makes a graph of modules that use them. */
export async function countedBuild(): Promise<CountedBuild> {
  const { code, points } = instrumentAll()
  const modules = new Map<string, string>(code)
  for (const { folder, target } of kernelPackages()) {
    const edit = (text: string, path: string): string => code.get(relative(path)) ?? text
    modules.set(relative(target), await compileKernels(folder, 'counted', edit))
  }
  count(modules)
  const load = async <T>(path: string): Promise<T> =>
    (await import(`${pathToFileURL(join(root, path)).href}?${PARAMETER}`)) as T
  const { sharedMemory, takeBlock } = await load<typeof import('../../packages/tensor/src/index.ts')>(
    'packages/tensor/src/index.ts',
  )
  const length = counters(points)
  if (takeBlock(length) !== AT) throw new Error('the counters came too late: the kernels already had memory')
  const taken: CountedBuild['taken'] = (run) => {
    new Uint8Array(sharedMemory().buffer, AT, length).fill(0)
    takenInSources.fill(0)
    const result = run()
    const inKernels = new Uint8Array(sharedMemory().buffer, AT, length)
    return { result, taken: inKernels.map((own, i) => own | takenInSources[i]) }
  }
  return { points, load, taken }
}

const PARAMETER = 'counted'

/** Gives every own module that is imported from one with counters its counters too; the others stay as they are. */
function count(modules: ReadonlyMap<string, string>): void {
  const isCounted = (url: string | undefined): boolean => url?.endsWith(`?${PARAMETER}`) === true
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context)
      const isOwn = /^file:(?!.*\/node_modules\/).*\.ts$/.test(resolved.url)
      const isCounter = resolved.url === new URL('counters.ts', import.meta.url).href
      if (!isCounted(context.parentURL) || !isOwn || isCounter) return resolved
      return { ...resolved, url: `${resolved.url}?${PARAMETER}` }
    },
    load(url, context, next) {
      const source = isCounted(url) ? modules.get(relative(fileURLToPath(url))) : undefined
      return source === undefined ? next(url, context) : { ...next(url, context), source }
    },
  })
}

/** How many counters the points have together. */
function counters(points: readonly Point[]): number {
  return Math.max(0, ...points.map(({ first, outcomes }) => first + outcomes.length))
}

function relative(path: string): string {
  return path.slice(root.length + 1).replaceAll('\\', '/')
}
