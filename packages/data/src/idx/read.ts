import { platform } from '#platform'
import { gunzip, isGzip } from './gunzip.ts'
import { type Idx, parseIdx } from './parse.ts'

/** The bytes themselves, or what is inside when they are gzipped: told by their content, not by a name. */
export function plainBytes(bytes: Uint8Array, name: string): Promise<Uint8Array> {
  return isGzip(bytes) ? gunzip(bytes, name) : Promise.resolve(bytes)
}

/**
 * Reads an IDX file, plain or gzipped: a path in Node, a URL in a browser.
 * @throws Error when there is none or it is not exactly one IDX file.
 */
export async function readIdx(path: string): Promise<Idx> {
  const bytes = await platform.readFile(path)
  if ('why' in bytes) throw new Error(`${path}: ${bytes.why}`)
  return parseIdx(await plainBytes(bytes, path), path)
}
