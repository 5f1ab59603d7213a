import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Platform } from './platform.ts'

/** Files from the file system. */
export const platform: Platform = {
  async readFile(path) {
    try {
      return await readFile(path)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ENOTDIR') return { why: 'no such file' }
      if (code === 'EISDIR') return { why: 'is a folder' }
      throw new Error(`${path}: cannot be read (${code})`, { cause: error })
    }
  },

  join: (folder, name) => (folder.endsWith('/') ? folder + name : `${folder}/${name}`),

  md5(bytes) {
    return createHash('md5').update(bytes).digest('hex')
  },

  // WebCrypto copies the bytes first: that takes ten times as long.
  async sha256(bytes) {
    return createHash('sha256').update(bytes).digest('hex')
  },
}
