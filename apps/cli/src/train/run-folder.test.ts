import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { temporaryFolder } from '../test/handgrad.ts'
import { checkOut, openRunFolder, reopenRunFolder, shownPath } from './run-folder.ts'

/** A folder in which the user stands. */
function home(): string {
  const folder = temporaryFolder()
  vi.stubEnv('INIT_CWD', folder)
  onTestFinished(() => void vi.unstubAllEnvs())
  return folder
}

test('runs are numbered by model, and a number that is taken is passed over', async () => {
  const cwd = home()
  mkdirSync(join(cwd, 'runs/mlp-2'), { recursive: true })
  const paths: string[] = []
  for (const name of ['mlp', 'mlp', 'seed']) paths.push((await openRunFolder(undefined, name)).path)
  expect(paths).toEqual(['runs/mlp-1', 'runs/mlp-3', 'runs/seed-1'].map((path) => join(cwd, path)))
})

test('a folder that cannot be made is named', async () => {
  const cwd = home()
  await expect(openRunFolder(undefined, 'none/mlp')).rejects.toThrow(
    `cannot make the folder ${join(cwd, 'runs/none/mlp-1')}: no such file or directory`,
  )
})

test('files are listed once, in order; a run that came to nothing takes back itself and what was made for it', async () => {
  const cwd = home()
  const folder = await openRunFolder('a/b', 'mlp')
  for (const [name, text] of [
    ['x', '1'],
    ['y', '2'],
    ['x', '3'],
  ])
    await folder.write(name, text)
  expect(folder.files).toEqual(['x', 'y'])
  expect(readFileSync(join(cwd, 'a/b/x'), 'utf8')).toBe('3')
  expect(readdirSync(join(cwd, 'a/b')).sort()).toEqual(['run.lock', 'x', 'y'])
  // Gone already: nothing is left to take back.
  rmSync(join(cwd, 'a/b/x'))
  await folder.discard()
  expect(readdirSync(cwd)).toEqual([])
})

test('a file that is written again leaves its former self where that is wanted; one that is removed is not listed', async () => {
  const cwd = home()
  const folder = await openRunFolder('a', 'mlp')
  await folder.write('x', '1', 'y')
  await folder.write('x', '2', 'y')
  await folder.write('x', '3', 'y')
  expect([readFileSync(join(cwd, 'a/x'), 'utf8'), readFileSync(join(cwd, 'a/y'), 'utf8')]).toEqual(['3', '2'])
  await folder.remove('x')
  await folder.remove('none')
  expect([folder.files, readdirSync(join(cwd, 'a')).sort()]).toEqual([['y'], ['run.lock', 'y']])
  await folder.discard()
  expect(readdirSync(cwd)).toEqual([])
})

test('a folder in which a run is at work is refused, and left as it is', async () => {
  const cwd = home()
  const folder = await openRunFolder('a', 'mlp')
  const held = `${join(cwd, 'a/run.lock')}: process ${process.pid} trains in this folder: wait for its end, or name another with --out`
  await expect(openRunFolder('a', 'mlp')).rejects.toThrow(held)
  await expect(reopenRunFolder('a')).rejects.toThrow(held)
  expect(readdirSync(join(cwd, 'a'))).toEqual(['run.lock'])
  await folder.close()
  expect(readdirSync(join(cwd, 'a'))).toEqual([])
})

test('a run that goes on removes what a killed one was writing', async () => {
  const cwd = home()
  mkdirSync(join(cwd, 'a'))
  for (const name of ['state.safetensors.123.tmp', 'run.lock.9.tmp', 'mine.tmp', 'x.1.tmp.txt'])
    writeFileSync(join(cwd, 'a', name), '')
  const folder = await reopenRunFolder('a')
  await folder.close()
  expect(readdirSync(join(cwd, 'a')).sort()).toEqual(['mine.tmp', 'x.1.tmp.txt'])
})

test('taking back leaves what others have put there', async () => {
  const cwd = home()
  const folder = await openRunFolder('a/b', 'mlp')
  await folder.write('x', '1')
  writeFileSync(join(cwd, 'a/mine'), '')
  await folder.discard()
  expect(readdirSync(join(cwd, 'a'))).toEqual(['mine'])

  const numbered = await openRunFolder(undefined, 'mlp')
  await numbered.write('x', '1')
  await numbered.discard()
  expect(readdirSync(cwd)).toEqual(['a'])
})

test('a folder that was there and empty stays; a run that goes on is never taken back', async () => {
  const cwd = home()
  mkdirSync(join(cwd, 'empty'))
  const folder = await openRunFolder('empty', 'mlp')
  await folder.discard()
  expect(readdirSync(cwd)).toEqual(['empty'])

  const again = await reopenRunFolder('empty')
  await again.write('x', '1')
  await again.discard()
  expect(again.path).toBe(join(cwd, 'empty'))
  expect(readdirSync(again.path).sort()).toEqual(['run.lock', 'x'])
  await again.close()
  expect(readdirSync(again.path)).toEqual(['x'])
})

test('a folder that holds something is refused, one that is new or empty is not', async () => {
  const cwd = home()
  mkdirSync(join(cwd, 'full'))
  mkdirSync(join(cwd, 'empty'))
  writeFileSync(join(cwd, 'full', 'x'), '')
  await expect(checkOut('full')).rejects.toThrow('--out full is not empty (it holds x)')
  await expect(openRunFolder('full', 'mlp')).rejects.toThrow('--out full is not empty')
  for (const out of ['empty', 'new']) await expect(checkOut(out)).resolves.toBeUndefined()
  expect(readdirSync(cwd).sort()).toEqual(['empty', 'full'])
})

test('a path is shown from where the user stands, or whole where it lies elsewhere', () => {
  const cwd = home()
  expect(shownPath(join(cwd, 'runs', 'x'))).toBe(join('runs', 'x'))
  expect(shownPath(cwd)).toBe('.')
  expect(shownPath(join(cwd, '..', 'other'))).toBe(join(cwd, '..', 'other'))
})
