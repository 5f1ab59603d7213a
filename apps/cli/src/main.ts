import * as module from 'node:module'

// What was compiled once is not compiled again, types taken out included, here and in its threads. Node 20 has no such
// name to import.
const compiled = module.enableCompileCache?.()
if (compiled?.directory !== undefined) process.env.NODE_COMPILE_CACHE ??= compiled.directory
await import('./start.ts')
