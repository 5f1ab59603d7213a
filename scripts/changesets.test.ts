import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const packages = new Set(
  globSync('{packages,apps}/*/package.json', { cwd: root }).map((file) => JSON.parse(read(file)).name),
)
const changesets = globSync('.changeset/*.md', { cwd: root }).filter((file) => !file.endsWith('README.md'))

// A formatter that takes the lines between the dashes for a heading leaves a file that no release reads.
test.each(changesets)('%s names packages and how far each moves, and says why', (file) => {
  const [, head, text] = /^---\n((?:.+\n)+)---\n\n(.+)/s.exec(read(file)) ?? []
  expect(head, 'lines between two of dashes, an empty line, a text').toBeDefined()
  for (const line of head.trimEnd().split('\n')) {
    const [, name] = /^'(.+)': (?:patch|minor|major)$/.exec(line) ?? []
    expect(packages, line).toContain(name)
  }
  expect(text.trim()).not.toBe('')
})
