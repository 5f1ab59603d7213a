import * as module from 'node:module'

// What was compiled once is not compiled again, types taken out included. Node 20 has no such name to import.
module.enableCompileCache?.()
await import('./start.ts')
