import { saveSafetensors, type Tensor } from '@handgrad/tensor'
import type { FixtureCase } from '../fixture.ts'
import type { Tensors } from '../materialize.ts'
import type { LoadedCase } from '../outputs/verify-outputs.ts'
import { ofCase } from '../prove.ts'
import type { Fixture } from '../result.ts'
import type { Spec } from '../spec.ts'
import type { Precision } from '../ulp.ts'
import type { caseFiles, PackCase, PackOutput } from './layout.ts'
import { narrowest, saveNarrow } from './narrow.ts'
import { writeNpz } from './npz.ts'
import { STEPS, stepsBeside } from './steps.ts'
import { tolerances } from './tolerance.ts'

/** A folder of fixtures, and its spec where it has one. */
export interface PackSource {
  readonly folder: string
  readonly fixture: Pick<Fixture, 'file' | 'inputs' | 'golden'>
  readonly spec: Spec | null
}

/** The files of one case by name. */
export interface PackedCase {
  readonly id: string
  readonly files: Readonly<Record<(typeof caseFiles)[number], Uint8Array>>
}

function outputsOf(
  source: PackSource,
  caseName: string,
  stored: Tensors,
  golden: Tensors,
  wanted?: readonly Precision[],
): { outputs: PackOutput[] } & Pick<LoadedCase, 'expected' | 'steps'> {
  const item = source.spec?.cases.find(({ name }) => name === caseName) ?? null
  const tolerance = tolerances({ spec: item === null ? null : source.spec, item, stored, golden }, wanted)
  const expected: Record<string, Tensor> = {}
  const steps: Record<string, Tensor<'int32'>> = {}
  const names = Object.keys(golden).filter((key) => key.startsWith('float64/'))
  const outputs = names.map((key): PackOutput => {
    const name = key.slice('float64/'.length)
    const [truth, torch] = [golden[key], golden[`float32/${name}`]] as [Tensor, Tensor]
    const beside = stepsBeside(truth, torch)
    expected[name] = truth
    if (beside !== null) steps[name] = beside
    return { name, shape: truth.shape, ...tolerance(name, truth), single: beside === null }
  })
  return { outputs, expected, steps }
}

/** A golden case with its tensors; tolerances for the types that are wanted, all unless told. */
export function loadedCases(source: PackSource, wanted?: readonly Precision[]): LoadedCase[] {
  const { file, inputs, golden } = source.fixture
  return file.cases.map((entry) => {
    const described: FixtureCase & { hash?: string } = { ...entry }
    delete described.hash
    const stored = ofCase(inputs, described.name)
    const { outputs, ...tensors } = outputsOf(
      source,
      described.name,
      stored,
      ofCase(golden, described.name),
      wanted,
    )
    const about: PackCase = {
      id: `${source.folder}/${described.name}`,
      kind: file.kind,
      ...described,
      outputs,
    }
    return { about, inputs: stored, ...tensors }
  })
}

/** Every golden case of a folder as files. */
export function packCases(source: PackSource): PackedCase[] {
  return loadedCases(source).map(({ about, inputs, expected, steps }) => {
    const whole = Object.entries(steps).map(([name, own]) => [`${STEPS}${name}`, narrowest(own)] as const)
    const narrow = Object.fromEntries(whole)
    return {
      id: about.id,
      files: {
        'case.json': new TextEncoder().encode(`${JSON.stringify(about)}\n`),
        'inputs.safetensors': saveSafetensors(inputs),
        'inputs.npz': writeNpz(inputs),
        'expected.safetensors': saveNarrow(expected, narrow),
        'expected.npz': writeNpz({ ...expected, ...narrow }),
      },
    }
  })
}
