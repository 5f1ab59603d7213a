import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Bundle, BundleError, parseBundle } from '../verify/bundle.ts'

/**
 * Reads a bundle from its folder.
 * @throws BundleError where a file is missing or malformed.
 */
export function readBundle(folder: string): Bundle {
  const read = (name: string): Uint8Array => {
    try {
      return readFileSync(join(folder, name))
    } catch (error) {
      throw new BundleError(`cannot read ${join(folder, name)}`, { cause: error })
    }
  }
  return parseBundle(new TextDecoder().decode(read('bundle.json')), read('tensors.safetensors'))
}
