import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { specPlaces } from '../../packages/gradcheck/src/node/index.ts'
import { AskedProcess, busy } from './asked-process.ts'
import type { Judged } from './outcome.ts'
import { isUnder, root } from './sources.ts'

export interface ProofQuestion {
  readonly file: string
  readonly count: number
  readonly seed: number
}

export interface ProofAnswer {
  /** How many mistakes the file has. */
  readonly all: number
  readonly judged: readonly Judged[]
}

/** Derivations, whose lines are changed, and fixtures, whose numbers are. */
export function proofFiles(under: string): string[] {
  return specPlaces(pathToFileURL(`${root}/`))
    .flatMap(({ source, fixtures }) => [`${source}/derivation.ts`, `${fixtures}/golden.safetensors`])
    .filter((file) => isUnder(file, under) && existsSync(join(root, file)))
    .sort()
}

/** Milliseconds for all mistakes of a file. */
const LIMIT = 300_000

/** Changes lines and numbers in a process of its own, in a copy of the repository. */
export async function judgeProof(folder: string, question: ProofQuestion): Promise<ProofAnswer> {
  const process = new AskedProcess<ProofQuestion, ProofAnswer>(folder, 'proof-process.ts')
  try {
    const answer = await process.ask(question, LIMIT * busy())
    if (answer === null) throw new Error(`the proof of ${question.file} takes too long`)
    return answer
  } finally {
    await process.close()
  }
}
