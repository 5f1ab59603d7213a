import {
  BIN_ENDS,
  type MutantReport,
  REPORT_VERSION,
  type Report,
  type SpecReport,
  survey,
  type TrainingCurve,
} from '@handgrad/gradcheck'
import { type FoundSpec, readFixture, readScores } from '@handgrad/gradcheck/node'
import { Option } from 'commander'
import type { CommandModule } from '../command.ts'
import { exitCodes } from '../errors.ts'
import { makeFolder, writeWhole } from '../files.ts'
import { findSpecs } from '../gradcheck/find-specs.ts'
import { type Io, userPath } from '../io.ts'
import { newKeeper } from '../keeper.ts'
import { trainAll } from '../report/curves.ts'
import { htmlReport } from '../report/html.ts'
import { huntAll } from '../report/mutants.ts'
import { totalsOf } from '../report/totals.ts'
import { repository } from '../repository.ts'
import { provenance } from '../train/provenance.ts'

type Part = 'mutants' | 'curves'

export const command: CommandModule = {
  summary: 'prove everything and write report.json and report.html',
  define(program) {
    program
      .argument('[layers...]', 'only these')
      .addOption(
        new Option('--without <parts...>', 'leave out what takes minutes').choices(['mutants', 'curves']),
      )
      .option('--out <folder>', 'where to write (default: the root of the repository)')
      .addHelpText('after', help)
  },
  async run({ options, args, io }) {
    const { without = [], out } = options as { without?: Part[]; out?: string }
    const folder = out === undefined ? new URL('.', repository).pathname : userPath(out)
    const report = await makeReport(await findSpecs(args), new Set(without), io)
    await makeFolder(folder)
    const keeper = newKeeper()
    await keeper.keep('json', () => writeWhole(`${folder}/report.json`, `${JSON.stringify(report)}\n`))
    await keeper.keep('html', () => writeWhole(`${folder}/report.html`, htmlReport(report)))
    const exitCode = conclude(report, io)
    keeper.check()
    return exitCode
  },
}

async function makeReport(found: readonly FoundSpec[], without: ReadonlySet<Part>, io: Io): Promise<Report> {
  const specs = found.map((one) => proved(one, io))
  const mutants = without.has('mutants') ? null : await hunted(found, io)
  const curves = without.has('curves') ? null : await trained(found, io)
  return {
    version: REPORT_VERSION,
    made: await provenance(),
    totals: totalsOf(specs, mutants),
    histogramBins: BIN_ENDS,
    specs,
    scores: readScores(repository),
    mutants,
    curves,
  }
}

function proved({ place, spec }: FoundSpec, io: Io): SpecReport {
  const found = survey(spec, readFixture(new URL(`${place.fixtures}/`, repository)))
  io.err.line(`${spec.name}: ${found.cases.length} cases, ${found.problems.length} problems`)
  return { ...place, ...found }
}

async function hunted(found: readonly FoundSpec[], io: Io): Promise<MutantReport[]> {
  const rows: MutantReport[] = []
  for (const one of found) {
    const own = await huntAll(one, repository)
    rows.push(...own)
    const caught = own.filter(({ views }) => views.length > 0).length
    io.err.line(`${one.spec.name}: ${caught} of ${own.length} mutants caught`)
  }
  return rows
}

async function trained(found: readonly FoundSpec[], io: Io): Promise<TrainingCurve[]> {
  const curves: TrainingCurve[] = []
  for await (const curve of trainAll(found, repository)) {
    curves.push(curve)
    const name = curve.mutant?.name ?? 'no mutant'
    io.err.line(`trained with ${name}: ${(100 * curve.testAccuracy).toFixed(2)} % of the test images right`)
  }
  return curves
}

function conclude({ totals }: Report, io: Io): number {
  const { specs, cases, steps, coordinates, skipped, problems, mutants, caught } = totals
  const hunt = mutants === 0 ? '' : `, ${caught} of ${mutants} mutants caught`
  io.out.line(
    `report: ${specs} layers, losses and optimizers, ${cases} cases, ${steps} steps evaluated, ${coordinates} coordinates differenced, ${skipped} skipped as kinks${hunt}, ${problems} problems`,
  )
  return problems === 0 && caught === mutants ? exitCodes.ok : exitCodes.gate
}

const help = `
report.json is described by the type Report of @handgrad/gradcheck; report.html shows the same to people. Exit code
${exitCodes.gate} when something is wrong or a mutant survives.

Examples:
  handgrad report                                everything: minutes
  handgrad report conv2d relu --without curves   two layers and their mutants
  handgrad report --without mutants curves       what the docs site reads: a minute
`
