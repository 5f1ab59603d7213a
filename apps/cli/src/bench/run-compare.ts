import { fileURLToPath } from 'node:url'
import { exitCodes } from '../errors.ts'
import type { Io } from '../io.ts'
import { watchStop } from '../stop.ts'
import { type CompareOptions, compareBuilds } from './compare.ts'
import { comparedLines, leftOutLines } from './format.ts'
import { buildOther, commitOf } from './other-build.ts'
import { changedSources, stamp, thisMachine } from './save.ts'

export interface CompareCall {
  /** The other commit, as the user named it. */
  readonly name: string
  readonly options: CompareOptions
  readonly mnist: string
  readonly json: boolean
  /** What the user typed. */
  readonly words: string
  readonly io: Io
  /** The checkout of ours. */
  readonly root: URL
}

/** `bench --compare`: builds the other commit, compares, and tells; the exit code. */
export async function runCompare({
  name,
  options,
  mnist,
  json,
  words,
  io,
  root,
}: CompareCall): Promise<number> {
  const own = fileURLToPath(root)
  const commit = commitOf(own, name)
  const changed = changedSources(root)
  if (changed.length > 0)
    io.err.line(
      `note: not committed, and measured as it is: ${changed.map((line) => line.trim()).join(', ')}`,
    )
  const from = performance.now()
  const stop = watchStop(() => io.err.line('note: stopping after this pair; Ctrl-C again quits at once'))
  io.err.line(`note: building ${commit.slice(0, 12)} in a temporary folder`)
  try {
    const build = await buildOther(own, commit)
    try {
      const builds = { own, other: build.folder }
      const show = (rows: Parameters<typeof comparedLines>[0]): void => {
        if (!json) for (const line of comparedLines(rows)) io.out.line(line)
      }
      const stopped = (): boolean => stop.exitCode !== null || stop.isUnread
      const compared = await compareBuilds(builds, mnist, options, { show, stopped })
      for (const line of leftOutLines(compared)) io.err.line(line)
      const found = { own: { changed }, other: { commit }, ...compared }
      const stamped = stamp(found, words, (performance.now() - from) / 1000, root)
      if (json) io.out.line(JSON.stringify({ part: 'compare', machine: thisMachine(), ...stamped }))
      if (stop.isUnread) return stop.exitCode ?? exitCodes.brokenPipe
      return stop.exitCode ?? (compared.rows.length > 0 ? exitCodes.ok : exitCodes.failure)
    } finally {
      build.remove()
    }
  } finally {
    stop.dispose()
  }
}
