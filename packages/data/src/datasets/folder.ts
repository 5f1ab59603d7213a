import { foreignKind } from '@handgrad/tensor'
import { platform } from '#platform'
import { isGzip } from '../idx/gunzip.ts'
import { checkForeign, type Idx, parseIdx } from '../idx/parse.ts'
import { plainBytes } from '../idx/read.ts'
import type { DatasetDescription, IdxFile } from './descriptions.ts'

/** What a file holds, and its path, which is what errors call it. */
export interface NamedIdx {
  readonly path: string
  /** All of it, not compressed. */
  readonly bytes: Uint8Array
  readonly idx: Idx<Uint8Array>
}

/** Both ways in which the file is named, `train-images-idx3-ubyte` and `train-images.idx3-ubyte`, plain and gzipped. */
function namesOf(file: IdxFile): string[] {
  const suffix = file.endsWith('images') ? 'idx3-ubyte' : 'idx1-ubyte'
  const plain = [`${file}-${suffix}`, `${file}.${suffix}`]
  return [...plain, ...plain.map((name) => `${name}.gz`)]
}

type Found = { readonly path: string; readonly bytes: Uint8Array }

/** A name without its file: the host's page for it, a folder, or nothing at all. */
type Lack = { readonly path: string; readonly why: string; readonly foreign: boolean }

/** What is at a name, if it could be an IDX file: some hosts have a page for every name. */
async function look(folder: string, name: string): Promise<Found | Lack> {
  const path = platform.join(folder, name)
  const bytes = await platform.readFile(path)
  if ('why' in bytes) return { path, why: bytes.why, foreign: false }
  const kind = isGzip(bytes) ? null : foreignKind(bytes)
  return kind === null ? { path, bytes } : { path, why: `is no IDX file but ${kind}`, foreign: true }
}

const NOTHING = 'no such file'

async function findFile(folder: string, file: IdxFile, title: string): Promise<Found> {
  const names = namesOf(file)
  const lacks: Lack[] = []
  for (const name of names) {
    const outer = await look(folder, name)
    // Kaggle's archive has folders of the files' names, with the files in them.
    const inner = 'why' in outer && outer.why !== NOTHING ? await look(folder, `${name}/${name}`) : outer
    const found = [outer, inner].find((each) => 'bytes' in each)
    if (found !== undefined) return found
    lacks.push(outer as Lack, inner as Lack)
  }
  const foreign = lacks.find((lack) => lack.foreign)
  if (foreign !== undefined) throw new Error(`${foreign.path}: ${foreign.why}`)
  const odd = lacks.find(({ why }) => why !== NOTHING)
  const looked = `looked for ${names.join(', ')}${odd === undefined ? '' : `; ${odd.path}: ${odd.why}`}`
  throw new Error(`${folder}: has no ${file} of ${title} (${looked}); give the folder of its four IDX files`)
}

function checkMd5(bytes: Uint8Array, path: string, file: IdxFile, { md5, title }: DatasetDescription): void {
  if (md5 === undefined) throw new Error(`${path}: the MD5 of ${title} is not known; load without verify`)
  const found = platform.md5(bytes)
  if (found !== md5[file]) {
    throw new Error(
      `${path}: MD5 is ${found}, expected ${md5[file]}: this is not the original file of ${title}`,
    )
  }
}

/** A file of too few bytes passes: {@link parseIdx} says what it lacks. */
function checkMagic(bytes: Uint8Array, path: string, file: IdxFile): void {
  if (bytes.length < 4) return
  const [expected, content] = file.endsWith('images')
    ? ([2051, 'unsigned bytes [N,H,W]'] as const)
    : ([2049, 'unsigned bytes [N]'] as const)
  const wanted = expected.toString(16).padStart(8, '0')
  const came = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join('')
  if (came === wanted) return
  throw new Error(`${path}: its magic number is 0x${came}, expected 0x${wanted} (${expected}: ${content})`)
}

/** Finds and reads one of the four files of `description` in `folder`, and compares its MD5 when told to verify. */
export async function readFromFolder(
  description: DatasetDescription,
  folder: string,
  file: IdxFile,
  verify: boolean,
): Promise<NamedIdx> {
  const { path, bytes } = await findFile(folder, file, description.title)
  const plain = await plainBytes(bytes, path)
  checkForeign(plain, path)
  checkMagic(plain, path, file)
  const idx = parseIdx(plain, path)
  if (verify) checkMd5(plain, path, file, description)
  return { path, bytes: plain, idx: idx as Idx<Uint8Array> }
}
