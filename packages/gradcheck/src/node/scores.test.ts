import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { readScores, scoreFile, sourceDigest } from './scores.ts'

function repository(): { root: URL; put: (path: string, text: string) => URL } {
  const folder = mkdtempSync(join(tmpdir(), 'handgrad-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'fixtures'))
  const root = pathToFileURL(`${folder}/`)
  const put = (path: string, text: string): URL => {
    writeFileSync(join(folder, path), text)
    return new URL(path, root)
  }
  return { root, put }
}

test('scores are of files that are there, current where these are the sources that were measured', () => {
  const { root, put } = repository()
  expect(readScores(root)).toEqual([])
  const digest = sourceDigest(put('a.ts', 'one\ntwo\n'))
  put('b.ts', 'three')
  const files = ['a.ts', 'b.ts', 'gone.ts'].map((file) => ({ file, digest }))
  put('fixtures/mutants.json', JSON.stringify({ format: 1, files }))
  expect(scoreFile(root).pathname).toMatch(/\/fixtures\/mutants\.json$/)
  expect(readScores(root)).toEqual([
    { file: 'a.ts', digest, isCurrent: true },
    { file: 'b.ts', digest, isCurrent: false },
  ])
  // Another system's line ends are not another source.
  put('a.ts', 'one\r\ntwo\r\n')
  expect(readScores(root)[0].isCurrent).toBe(true)
})

test('another format is refused', () => {
  const { root, put } = repository()
  put('fixtures/mutants.json', JSON.stringify({ format: 2, files: [] }))
  expect(() => readScores(root)).toThrow('fixtures/mutants.json has the format 2, expected 1')
})
