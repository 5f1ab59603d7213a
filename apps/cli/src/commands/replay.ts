import { type BackendName, backends, useBackend } from '@handgrad/tensor'
import { InvalidArgumentError, Option } from 'commander'
import type { CommandModule } from '../command.ts'
import { CliError, exitCodes } from '../errors.ts'
import { type Io, userPath } from '../io.ts'
import { type RunRecord, readRecord } from '../replay/record.ts'
import { firstParting, runFreely, runStepwise, type Step } from '../replay/replay.ts'
import { printFree, printTable } from '../replay/report.ts'

interface Options {
  readonly torch: string
  readonly steps?: number
  readonly backend?: BackendName
  readonly json: boolean
}

export const command: CommandModule = {
  summary: 'replay a training run that was recorded in PyTorch, and say where the two part',
  define(parser) {
    parser
      .requiredOption('--torch <folder>', 'what fixtures/record.py wrote: run.json and record.safetensors')
      .addOption(new Option('--steps <n>', 'free steps (default: all that were recorded)').argParser(whole))
      .addOption(new Option('--backend <name>', 'kernels that compute').choices(backends()))
      .option('--json', 'print one JSON object per step and one at the end', false)
      .addHelpText('after', help)
  },
  async run({ options, io }) {
    const { torch, steps, backend, json } = options as unknown as Options
    if (backend !== undefined) useBackend(backend)
    const record = await readRecord(userPath(torch))
    const stepwise = await follow(runStepwise(record), json ? printJson(io, 'step') : printTable(io))
    const free = await follow(
      runFreely(record, Math.min(steps ?? Infinity, record.about.horizon ?? record.about.steps)),
      json ? printJson(io, 'free') : () => {},
    )
    return conclude(io, json, record, stepwise, free)
  },
}

function whole(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text)
  throw new InvalidArgumentError('expected a whole number, 1 or more')
}

async function follow(steps: AsyncIterable<Step>, show: (step: Step) => void): Promise<Step[]> {
  const all: Step[] = []
  for await (const step of steps) {
    show(step)
    all.push(step)
  }
  return all
}

const printJson =
  (io: Io, event: string) =>
  (step: Step): void =>
    io.out.line(JSON.stringify({ event, ...step }))

/** Where the two part in single steps is a failure; running freely, rounding alone parts them some time. */
function conclude(io: Io, json: boolean, record: RunRecord, stepwise: Step[], free: Step[]): number {
  if (stepwise.length === 0 && free.length === 0) throw new CliError('the record holds no step')
  const inSteps = firstParting(stepwise)
  const freely = firstParting(free)
  if (json) io.out.line(JSON.stringify({ event: 'done', partedInSteps: inSteps, partedFreely: freely }))
  else printFree(io, record, free, inSteps, freely)
  const promised = record.about.dtype === 'float64' || record.about.horizon !== undefined
  return inSteps === null && (freely === null || !promised) ? exitCodes.ok : exitCodes.gate
}

const help = `
Each recorded step is taken alone from PyTorch's own state, and every tensor compared: exact (all bits), close (within
what rounding explains) or apart. Then the run goes freely from its start, and the losses are compared.

Examples:
  handgrad replay --torch run                      after \`python train.py\` with fixtures/record.py in it
  handgrad replay --torch fixtures/runs/sgd-3-float32 --steps 20
`
