import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Platform } from './platform.ts'

/** Files from the file system. */
export const platform: Platform = {
  async readFile(path) {
    try {
      return await readFile(path)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ENOTDIR') return null
      throw new Error(`${path}: cannot be read (${code ?? message})`, { cause: error })
    }
  },

  md5(bytes) {
    return createHash('md5').update(bytes).digest('hex')
  },
}
