import { platform } from '#platform'
import type { DatasetDescription, IdxFile } from './descriptions.ts'
import { readFromFolder } from './folder.ts'

/** One of the four files of a dataset, as a folder has it. */
export interface DatasetFile {
  readonly file: IdxFile
  readonly path: string
  /** Its size and MD5, not compressed. */
  readonly bytes: number
  readonly md5: string
  /** Whether it is the dataset's own file, bit for bit; null where its MD5 is not known. */
  readonly isOriginal: boolean | null
}

const names: readonly IdxFile[] = ['train-images', 'train-labels', 't10k-images', 't10k-labels']

/**
 * What the four files of a dataset in a folder are. Node only: browsers have no MD5.
 * @throws Error, in one line that names the file, when one is missing or malformed.
 */
export async function datasetFiles(description: DatasetDescription, folder: string): Promise<DatasetFile[]> {
  const files: DatasetFile[] = []
  for (const file of names) {
    const { path, bytes } = await readFromFolder(description, folder, file, false)
    const md5 = platform.md5(bytes)
    const isOriginal = description.md5 === undefined ? null : md5 === description.md5[file]
    files.push({ file, path, bytes: bytes.length, md5, isOriginal })
  }
  return files
}
