import { enableCompileCache } from 'node:module'

// What was compiled once is not compiled again, types taken out included; older Nodes have no such cache.
enableCompileCache?.()
await import('./start.ts')
