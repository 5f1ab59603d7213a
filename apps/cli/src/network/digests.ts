import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, relative, resolve, sep } from 'node:path'

/** What a module reads beside it: `from './a.ts'`, `import './a.ts'`, `import('./a.ts')`, `require('./a.cjs')`. */
const BESIDE = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g

/** The SHA-256 of a module and of all that it imports by a path, by their paths from its folder. */
export async function digestsOf(path: string): Promise<Record<string, string>> {
  const found = new Map<string, string>()
  const waiting = [path]
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const name = relative(dirname(path), file).split(sep).join('/')
    // What only looks like an import is no file.
    const bytes = found.has(name) ? null : await readFile(file).catch(() => null)
    if (bytes === null) continue
    found.set(name, `sha256:${createHash('sha256').update(bytes).digest('hex')}`)
    for (const [, beside] of bytes.toString().matchAll(BESIDE)) waiting.push(resolve(dirname(file), beside))
  }
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}
