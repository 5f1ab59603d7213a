import { existsSync, globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (file: string): string => readFileSync(`${root}/${file}`, 'utf8')
const [, rest] = read('CONTRIBUTING.md').split('\n## The engine\n')
const [section] = rest.split('\n## ')

test('the files that the engine’s section names are there', () => {
  const named = [...section.matchAll(/\b(?:packages|apps)\/[\w./<>*-]*\w/g)].map(([path]) => path)
  expect(named.length).toBeGreaterThan(14)
  for (const path of named) {
    const found = globSync(path.replace('<layer>', '*'), { cwd: root })
    expect(found.length, path).toBeGreaterThan(0)
  }
  const names = section.matchAll(/`([\w-]+\.ts)`/g)
  for (const [, name] of names)
    expect(globSync(`packages/*/src/**/${name}`, { cwd: root }).length, name).toBeGreaterThan(0)
  expect(existsSync(`${root}/packages/layers/src/test/containers.ts`)).toBe(true)
})

test('from net.forward to the kernel it is six files, each of which names the next one’s part', () => {
  const way = section.split('```')[1].trim().split('\n').slice(1)
  expect(way).toHaveLength(6)
  const calls = ['forwardOnKernels', 'plan.forward', 'loaded.run', 'runShard', 'kernel(...args)']
  way.slice(0, 5).forEach((line, i) => expect(read(line.trim().split(' ')[0])).toContain(calls[i]))
})

test('ReLU’s compile is what ships', () => {
  const block = section
    .split('```ts\n')[1]
    .split('```')[0]
    .split('\n')
    .map((line) => line.split(' // ')[0].trim())
    .filter((line) => line !== '')
  const source = read('packages/layers/src/relu/relu.ts')
  const lines = source.slice(source.indexOf('override compile(')).split('\n')
  expect(lines.slice(0, block.length).map((line) => line.trim())).toEqual(block)
})
