import type { Platform } from './platform.ts'

/** Files by `fetch`: a path is a URL, relative to the page's. */
export const platform: Platform = {
  async readFile(path) {
    const response = await fetch(path)
    if (response.status === 404) return null
    if (!response.ok) throw new Error(`${path}: cannot be read (HTTP ${response.status})`)
    return new Uint8Array(await response.arrayBuffer())
  },

  md5() {
    throw new Error('browsers have no MD5: load without `verify`')
  },
}
