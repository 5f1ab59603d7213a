// Not by name: Node 20 has no registerHooks, and reads bundles all the same.
import nodeModule from 'node:module'
import { fileURLToPath } from 'node:url'
import { applyMutant, type Mutant } from '../../mutant.ts'

const PARAMETER = 'mutant'

/** Sources that take the place of generated ones, by path from the repository's root. */
export type Modules = Readonly<Record<string, string>>

const injected = new Map<string, { root: URL; mutant: Mutant; modules: Modules }>()
let registered = false

/** By what a mutant changes, not by its name alone: two specs may have mistakes of one name, and load what the other has loaded. */
const graphs = new Map<string, string>()

function graphOf(mutant: Mutant): string {
  const key = JSON.stringify(mutant)
  const known = graphs.get(key) ?? String(graphs.size)
  graphs.set(key, known)
  return known
}

/** The mutant in whose graph a module is, by the query of its address. */
function mutantOf(url: string | undefined): string | null {
  return url === undefined || !url.startsWith('file:') ? null : new URL(url).searchParams.get(PARAMETER)
}

function isOwnSource(url: string): boolean {
  return url.startsWith('file:') && url.includes('.ts') && !url.includes('/node_modules/')
}

/**
 * Makes every own module that is imported from a mutated one a fresh copy, and patches the one that the mutant names,
 * as it is loaded: no file is touched, and many mutants fit in one process.
 */
function register(): void {
  if (registered) return
  if (nodeModule.registerHooks === undefined)
    throw new Error(`mutants are injected from Node 22.15 on; this is Node ${process.versions.node}`)
  registered = true
  nodeModule.registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context)
      const name = mutantOf(context.parentURL)
      if (name === null || !isOwnSource(resolved.url) || mutantOf(resolved.url) !== null) return resolved
      const url = new URL(resolved.url)
      url.searchParams.set(PARAMETER, name)
      return { ...resolved, url: url.href }
    },
    load(url, context, next) {
      const name = mutantOf(url)
      const found = name === null ? undefined : injected.get(name)
      if (found === undefined) return next(url, context)
      const bare = new URL(url)
      bare.search = ''
      const [, generated] =
        Object.entries(found.modules).find(([path]) => new URL(path, found.root).href === bare.href) ?? []
      if (generated !== undefined) return { ...next(url, context), source: generated }
      if (bare.href !== new URL(found.mutant.file, found.root).href) return next(url, context)
      const loaded = next(url, context)
      const source =
        typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source)
      return { ...loaded, source: applyMutant(found.mutant, source) }
    },
  })
}

/** Imports a module in a graph of its own in which `mutant` is injected; `root` is the repository's. */
export async function importMutated<T>(
  path: string,
  mutant: Mutant,
  root: URL,
  modules: Modules = {},
): Promise<T> {
  register()
  const graph = graphOf(mutant)
  injected.set(graph, { root, mutant, modules })
  const url = new URL(path, root)
  url.searchParams.set(PARAMETER, graph)
  return (await import(url.href)) as T
}

/** Where a file of this package is, from the repository's root. */
export function ownPath(relative: string, root: URL): string {
  return fileURLToPath(new URL(relative, import.meta.url)).slice(fileURLToPath(root).length)
}
