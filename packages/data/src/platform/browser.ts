import type { Platform } from './platform.ts'

/** What hosts answer for a name that they do not have: some show no one what there is, and say 403 for all the rest. */
const gone: ReadonlySet<number> = new Set([403, 404, 410])

/** Files by `fetch`: a path is a URL, relative to the page's. */
export const platform: Platform = {
  async readFile(path) {
    const response = await fetch(path).catch((error: unknown) => {
      throw new Error(`${path}: cannot be read (${(error as Error).message})`, { cause: error })
    })
    const { ok, status } = response
    if (gone.has(status)) return { why: `no such file${status === 404 ? '' : ` (HTTP ${status})`}` }
    if (!ok) throw new Error(`${path}: cannot be read (HTTP ${status})`)
    return new Uint8Array(await response.arrayBuffer())
  },

  // The name goes before what follows the address's path: `…/mnist?key=1` has `…/mnist/<name>?key=1`.
  join(folder, name) {
    const [, path, rest] = /^([^?#]*)(.*)$/s.exec(folder)!
    return `${path}${path.endsWith('/') ? '' : '/'}${name}${rest}`
  },

  md5() {
    throw new Error('browsers have no MD5: load without `verify`')
  },

  async sha256(bytes) {
    const sum = await crypto.subtle.digest('SHA-256', bytes)
    return Array.from(new Uint8Array(sum), (byte) => byte.toString(16).padStart(2, '0')).join('')
  },
}
