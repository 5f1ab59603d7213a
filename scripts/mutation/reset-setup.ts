import { registerHooks } from 'node:module'
import { vi } from 'vitest'

/**
 * `vi.resetModules()` empties the cache of vitest's own loader; Node's has no such thing. So what is imported after it
 * gets an address of its own, and is loaded anew.
 */
let generation = 0

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context)
    const isOwn = resolved.url.startsWith('file:') && !resolved.url.includes('/node_modules/')
    if (generation === 0 || !isOwn) return resolved
    const url = new URL(resolved.url)
    url.searchParams.set('generation', String(generation))
    return { ...resolved, url: url.href }
  },
})

vi.resetModules = () => {
  generation++
  return vi
}
