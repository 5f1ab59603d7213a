import { unzipSync, type Zippable, zipSync } from 'fflate'
import type { FileArray } from './narrow.ts'
import { type NpyArray, NpyError, readNpy, writeNpy } from './npy.ts'

/** The first day that a zip archive can say: the same bytes whenever it is made. */
const SOME_DAY = new Date(1980, 0, 1)

/** Named tensors as `np.savez_compressed` writes them: `np.load(path)['dx']`. */
export function writeNpz(tensors: Readonly<Record<string, FileArray>>): Uint8Array {
  const files: Zippable = Object.create(null)
  for (const name of Object.keys(tensors).sort()) files[`${name}.npy`] = writeNpy(tensors[name])
  return zipSync(files, { level: 9, mtime: SOME_DAY })
}

/**
 * Reads an archive of `np.savez` or `np.savez_compressed`.
 * @throws NpyError that names the array where one cannot be read.
 */
export function readNpz(bytes: Uint8Array): Record<string, NpyArray> {
  let files: Record<string, Uint8Array>
  try {
    files = unzipSync(bytes)
  } catch (error) {
    throw new NpyError(`no zip archive: ${(error as Error).message}`, { cause: error })
  }
  const arrays: Record<string, NpyArray> = Object.create(null)
  for (const [file, content] of Object.entries(files)) {
    const name = file.replace(/\.npy$/, '')
    try {
      arrays[name] = readNpy(content)
    } catch (error) {
      throw new NpyError(`array '${name}': ${(error as Error).message}`, { cause: error })
    }
  }
  return arrays
}
