import { createVitest, type TestModule } from 'vitest/node'
import { answerAll } from './asked-process.ts'
import type { Failure, Tests } from './suite.ts'

/** A suite that waits for questions: which tests, in which files, and then whether they pass. */
const vitest = await createVitest('test', {
  config: new URL('vitest.config.ts', import.meta.url).pathname,
  watch: false,
  bail: Number(process.argv[2]),
})

function specification(
  path: string,
  names: readonly string[] | null,
): ReturnType<(typeof vitest.projects)[0]['createSpecification']> {
  const file = `${process.cwd()}/${path}`
  const homes = vitest.projects.filter(({ config }) => file.startsWith(`${config.root}/`))
  // The project of the repository's own scripts has the whole repository for its folder.
  const home = homes.sort((a, b) => b.config.root.length - a.config.root.length)[0]
  return home.createSpecification(file, names === null ? {} : { testNames: [...names] })
}

/** What went wrong in a file's tests. */
function failuresOf(module: TestModule): Failure[] {
  const file = module.moduleId.slice(process.cwd().length + 1)
  const failed = [...module.children.allTests('failed')].map((test) => {
    const { errors } = test.result()
    return { file, test: test.fullName, message: errors?.[0]?.message ?? 'failed' }
  })
  if (failed.length > 0 || module.state() !== 'failed') return failed
  return [{ file, test: null, message: module.errors()[0]?.message ?? 'a suite failed' }]
}

answerAll(async (tests: readonly Tests[]): Promise<readonly Failure[]> => {
  const specs = tests.map(({ file, names }) => specification(file, names))
  const asked = new Set(specs.map(({ moduleId }) => moduleId))
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specs)
  const modules = testModules.filter(({ moduleId }) => asked.has(moduleId))
  const crashes = unhandledErrors.map((error) => ({
    file: '',
    test: null,
    message: (error as Error).message,
  }))
  return [...modules.flatMap(failuresOf), ...crashes]
})
