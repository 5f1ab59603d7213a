import { type Given, type LoadedCase, type OutputsReport, verifyOutputs } from '@handgrad/gradcheck'
import { type FloatDType, tensor } from '@handgrad/tensor'
import type { Behaviour } from './behaviours.ts'
import { type Cell, cellOf, steadyCell } from './compare.ts'
import type { Asked, Library } from './library.ts'
import { numbers, questionOf, type Reply } from './question.ts'
import type { Column, FolderScore } from './results.ts'

/** A library's answers as those of a program, in float32. */
function givenOf({ outputs }: Extract<Reply, { outputs: unknown }>, { about }: LoadedCase): Given {
  const dtype: FloatDType = 'float32'
  const asked = about.outputs.filter(({ name }) => Object.hasOwn(outputs, name))
  const answers = asked.map(({ name }) => {
    const { shape } = outputs[name]
    return [name, { tensor: tensor(numbers(outputs[name]), shape, { dtype }), dtype }] as const
  })
  return { answers: Object.fromEntries(answers) }
}

type HowAsked = Pick<Library, 'forward' | 'casesOfFolder'>

const VARIES = 'another answer each time'

const folderOf = ({ about }: LoadedCase): string => about.id.slice(0, about.id.indexOf('/'))

function scoreOf(
  cases: readonly LoadedCase[],
  replies: ReadonlyMap<string, Reply>,
  { problems }: OutputsReport,
  unsteady: ReadonlySet<string>,
): FolderScore {
  const score = { right: 0, wrong: 0, notOffered: 0, errors: 0 }
  const differences: Record<string, string> = {}
  const said: Record<string, number> = {}
  for (const { about } of cases) {
    const reply = replies.get(about.id)!
    if ('outputs' in reply) {
      const [problem] = problems[about.id] ?? []
      if (problem === undefined) score.right++
      else {
        score.wrong++
        differences[about.name] = unsteady.has(about.id) ? VARIES : problem
      }
      continue
    }
    const isError = 'error' in reply
    const words = isError ? reply.error : reply.notOffered
    score[isError ? 'errors' : 'notOffered']++
    said[words] = (said[words] ?? 0) + 1
  }
  return { ...score, differences, said }
}

/** At most so many of each folder, the first and those at even distances behind it. */
export function evenly<T>(all: readonly T[], folderOfOne: (one: T) => string, most: number): T[] {
  const folders = Map.groupBy(all, folderOfOne)
  return [...folders.values()].flatMap((own) =>
    own.length <= most
      ? own
      : Array.from({ length: most }, (_, i) => own[Math.floor((i * own.length) / most)]),
  )
}

async function golden(
  asked: Asked,
  cases: readonly LoadedCase[],
  { forward = false, casesOfFolder = Number.POSITIVE_INFINITY }: HowAsked,
): Promise<Record<string, FolderScore>> {
  const every = cases.flatMap((loaded) => {
    const question = questionOf(loaded)
    return question === null ? [] : [{ loaded, question }]
  })
  const questions = evenly(every, ({ loaded }) => folderOf(loaded), casesOfFolder)
  const replies = new Map<string, Reply>()
  const given = new Map<string, Given>()
  for (const { loaded, question } of questions) {
    const reply = await asked.ask(question)
    replies.set(loaded.about.id, reply)
    if ('outputs' in reply) given.set(loaded.about.id, givenOf(reply, loaded))
  }
  const known = questions.map(({ loaded }) => loaded)
  const report = verifyOutputs(known, given, { forward })
  const unsteady = new Set<string>()
  for (const { loaded, question } of questions) {
    const { id } = loaded.about
    if (report.problems[id] === undefined) continue
    if (JSON.stringify(await asked.ask(question)) !== JSON.stringify(replies.get(id))) unsteady.add(id)
  }
  const folders = [...new Set(known.map(folderOf))]
  return Object.fromEntries(
    folders.map((folder) => [
      folder,
      scoreOf(
        known.filter((loaded) => folderOf(loaded) === folder),
        replies,
        report,
        unsteady,
      ),
    ]),
  )
}

/** Asks a library everything: a column of the table but for its date. */
export async function columnOf(
  asked: Asked,
  behaviours: readonly Behaviour[],
  cases: readonly LoadedCase[],
  how: HowAsked = {},
): Promise<Omit<Column, 'date'>> {
  const cells: Record<string, Cell> = {}
  for (const behaviour of behaviours) {
    const cell = cellOf(behaviour, await asked.ask(behaviour.question))
    const isOther = cell.verdict === 'other'
    const again = isOther ? cellOf(behaviour, await asked.ask(behaviour.question)) : cell
    cells[behaviour.id] = steadyCell(cell, again)
  }
  return { version: asked.version, cells, cases: await golden(asked, cases, how) }
}
