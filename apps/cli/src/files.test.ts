import { once } from 'node:events'
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { folderContents, makeFolder, reason, removeEmptyFolders, writeWhole } from './files.ts'
import { temporaryFolder } from './test/handgrad.ts'

describe('a file is whole or not there', () => {
  test('it takes the place of its former self, and nothing lies beside it', async () => {
    const folder = temporaryFolder()
    await writeWhole(join(folder, 'a'), 'one')
    await writeWhole(join(folder, 'a'), Uint8Array.of(1, 2))
    expect([...readFileSync(join(folder, 'a'))]).toEqual([1, 2])
    expect(readdirSync(folder)).toEqual(['a'])
  })

  test('a killed process of the same number left something behind: it is written over', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, `a.${process.pid}.tmp`), 'half a st')
    await writeWhole(join(folder, 'a'), 'one')
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('one')
    expect(readdirSync(folder)).toEqual(['a'])
  })

  test('what cannot be written says so, and leaves nothing', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'a'))
    await expect(writeWhole(join(folder, 'a'), 'one')).rejects.toThrow(
      expect.objectContaining({
        name: 'CliError',
        exitCode: 1,
        message: expect.stringMatching(/^cannot write .*a: it is no file$/),
      }),
    )
    await expect(writeWhole(join(folder, 'none', 'a'), 'one')).rejects.toThrow('no such file or directory')
    expect(readdirSync(folder)).toEqual(['a'])
  })

  test('a link stays one: its file is written; one to nothing is refused', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'elsewhere'))
    writeFileSync(join(folder, 'elsewhere', 'a'), 'old')
    symlinkSync(join('elsewhere', 'a'), join(folder, 'link'))
    await writeWhole(join(folder, 'link'), 'new')
    expect(readFileSync(join(folder, 'elsewhere', 'a'), 'utf8')).toBe('new')
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true)
    expect(readdirSync(join(folder, 'elsewhere'))).toEqual(['a'])
    symlinkSync('nowhere', join(folder, 'lost'))
    await expect(writeWhole(join(folder, 'lost'), 'new')).rejects.toThrow(
      /^cannot write .*lost: it is a link to nothing$/,
    )
    expect(lstatSync(join(folder, 'lost')).isSymbolicLink()).toBe(true)
  })

  test('what is no file is not replaced', async () => {
    const folder = temporaryFolder()
    const server = createServer().listen(join(folder, 'socket'))
    await once(server, 'listening')
    await expect(writeWhole(join(folder, 'socket'), 'new')).rejects.toThrow(
      /^cannot write .*socket: it is no file$/,
    )
    expect(lstatSync(join(folder, 'socket')).isSocket()).toBe(true)
    server.close()
  })
})

test('folders are made where they are missing, innermost first, and removed while they are empty', async () => {
  const folder = temporaryFolder()
  expect(await makeFolder(join(folder, 'a/b/c'))).toEqual(
    ['a/b/c', 'a/b', 'a'].map((name) => join(folder, name)),
  )
  const made = await makeFolder(join(folder, 'a/b/d'))
  expect(made).toEqual([join(folder, 'a/b/d')])
  expect(await makeFolder(join(folder, 'a/b/d'))).toEqual([])
  writeFileSync(join(folder, 'a', 'mine'), '')
  await removeEmptyFolders([...made, join(folder, 'a/b/c'), join(folder, 'a/b'), join(folder, 'a'), folder])
  expect(readdirSync(folder, { recursive: true })).toEqual(['a', join('a', 'mine')])
})

test('the names in a folder; null for none; a file is no folder', async () => {
  const folder = temporaryFolder()
  expect(await folderContents(join(folder, 'none'))).toBeNull()
  expect(await folderContents(folder)).toEqual([])
  writeFileSync(join(folder, 'x'), '')
  expect(await folderContents(folder)).toEqual(['x'])
  await expect(folderContents(join(folder, 'x'))).rejects.toThrow(
    /^cannot use .*x as a folder: not a directory$/,
  )
})

test("a reason is the system's, without its code and call, or what was said", () => {
  expect(reason(new Error("ENOENT: no such file or directory, open '/x'"))).toBe('no such file or directory')
  expect(reason(new Error('it is cut'))).toBe('it is cut')
  expect(reason('odd')).toBe('odd')
})
