import { expect, test, vi } from 'vitest'
import { provenance } from './provenance.ts'

/** git, in a checkout or outside one. */
const git = vi.hoisted(() => ({ says: null as string | null }))
vi.mock('node:child_process', async (load) => ({
  ...(await load<typeof import('node:child_process')>()),
  execFile: (
    _file: string,
    _args: string[],
    _options: object,
    done: (error: Error | null, out?: { stdout: string }) => void,
  ) => (git.says === null ? done(new Error('not a git repository')) : done(null, { stdout: git.says })),
}))

test('the commit is what git says, and null where it says nothing', async () => {
  git.says = 'abc-dirty\n'
  expect((await provenance()).commit).toBe('abc-dirty')
  git.says = null
  expect((await provenance()).commit).toBeNull()
})
