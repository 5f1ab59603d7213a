import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'
import { nodes, pathWith, root, tools } from './tools.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the tarballs, and of a project in which all are installed by each npm: `20/`, `24/`. */
    packed: string
  }
}

const run = promisify(execFile)

/** Packs everything, and installs the tarballs with npm in two empty projects, each on a Node of its own. */
// oxlint-disable-next-line import/no-default-export -- vitest takes a setup's default export
export default async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'handgrad-packages-'))
  project.provide('packed', folder)
  const started = performance.now()
  const say = (what: string): void =>
    console.log(`${what} (${((performance.now() - started) / 1000).toFixed(0)} s)`)
  const alone = ['--ignore-workspace', '--ignore-scripts', '--frozen-lockfile', '--silent']
  execFileSync('pnpm', ['--dir', tools, 'install', ...alone], { stdio: 'inherit' })
  say('installed the tools')
  pack(folder)
  say('packed')
  const versions = [nodes['20'], nodes['24']].filter((node) => node.path !== null)
  await Promise.all(versions.map((node) => install(join(folder, node.name), folder, node.path!)))
  say(`installed with npm on Node ${versions.map(({ name }) => name).join(' and ')}`)
  return () => rmSync(folder, { recursive: true, force: true })
}

function pack(folder: string): void {
  const pnpm = (args: string[], cwd = root): void =>
    void execFileSync('pnpm', args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
  pnpm(['turbo', 'run', 'build', '--filter=./packages/*', '--output-logs=errors-only'])
  for (const name of readdirSync(join(root, 'packages')))
    pnpm(['pack', '--pack-destination', folder], join(root, 'packages', name))
  pnpm(['pack:cli', '--pack-destination', folder])
}

/** The tarballs by the names of their packages. */
export function tarballs(folder: string): Record<string, string> {
  const named = readdirSync(folder).flatMap((file): [string, string][] => {
    const [, name] = /^(.*)-\d+\.\d+\.\d+\.tgz$/.exec(file) ?? []
    if (name === undefined) return []
    const scoped = name.startsWith('handgrad-') ? name.replace('handgrad-', '@handgrad/') : name
    return [[scoped, `file:${join(folder, file)}`]]
  })
  return Object.fromEntries(named)
}

async function install(project: string, folder: string, node: string): Promise<void> {
  mkdirSync(project)
  const { 'create-handgrad': _, ...all } = tarballs(folder)
  const manifest = { private: true, type: 'module', dependencies: all, overrides: all }
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest))
  await run('npm', ['install', '--engine-strict', '--no-audit', '--no-fund', '--prefer-offline'], {
    cwd: project,
    env: pathWith(node),
  })
}
