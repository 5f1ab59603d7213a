import { readFileSync } from 'node:fs'
import * as module from 'node:module'
import { fileURLToPath } from 'node:url'

/** A module without a package that says what it is: Node would try it as CommonJS first, and warn. */
function formatOf(url: string): string | undefined {
  if (!/^file:.*\.[jt]s$/.test(url)) return undefined
  const isModule = /^\s*(?:import|export)\b/m.test(readFileSync(fileURLToPath(url), 'utf8'))
  return isModule ? (url.endsWith('.ts') ? 'module-typescript' : 'module') : undefined
}

let isOn = false

/**
 * Lets the user's modules have this program's own copies of `@handgrad/*`, wherever they lie and whatever is installed there:
 * a network of another copy has other generators, kernels and threads. Node has had the means since 22.15.
 */
export function useSamePackages(): void {
  if (isOn || !('registerHooks' in module)) return
  isOn = true
  module.registerHooks({
    resolve(specifier, context, next) {
      const isOurs = specifier.startsWith('@handgrad/')
      const found = next(specifier, isOurs ? { ...context, parentURL: import.meta.url } : context)
      return found.format ? found : { ...found, format: formatOf(found.url) }
    },
  })
}
