import { globSync } from 'node:fs'
import { join } from 'node:path'

export const root: string = join(import.meta.dirname, '../..')

/** The rooms that a user's number passes through. */
const rooms = [
  'packages/{tensor,layers,loss-optim,data,trainer,gradcheck}/src',
  'apps/cli/src/{train,onnx,export,replay}',
]
const alone = ['apps/cli/src/commands/{train,export,replay}.ts']

/** Not the product's code: tests and what they are made of, what states the proof, and what only a browser loads. */
const APART =
  /\.test\.ts$|\.proof\.ts$|\.generated\.ts$|\/test\/|\/(spec|specs|mutants|derivation)\.ts$|\/platform\/browser\.ts$/

/** Whether a file is at or below a path; all are where there is none. */
export function isUnder(file: string, path: string): boolean {
  const wanted = path.replace(/^\.\//, '').replace(/\/$/, '')
  return wanted === '' || file === wanted || file.startsWith(`${wanted}/`)
}

/** The files whose mistakes are counted, found by rule. `under` takes those below a folder, or one file. */
export function sources(under = ''): string[] {
  const patterns = [...rooms.map((room) => `${room}/**/*.ts`), ...alone]
  const files = patterns
    .flatMap((pattern) => globSync(pattern, { cwd: root }))
    .map((f) => f.replaceAll('\\', '/'))
  return files
    .filter((file) => !APART.test(file) || (file.endsWith('/derivation.ts') && file.includes('/equations/')))
    .filter((file) => isUnder(file, under))
    .sort()
}
