import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'

/** A piece of a source file of this repo, as it is now. */
export interface Source {
  /** Path in the repo. */
  readonly file: string
  readonly text: string
  /** The number of its first line in the file. */
  readonly line: number
}

/** The folder of the repo: the nearest one above with a workspace file. */
export const root: string = (() => {
  let folder = process.cwd()
  while (!existsSync(join(folder, 'pnpm-workspace.yaml'))) {
    if (folder === dirname(folder))
      throw new Error('the docs are built inside the repo: no pnpm-workspace.yaml above')
    folder = dirname(folder)
  }
  return folder
})()

/** A file of the repo as text. */
export function readSource(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

function named(node: ts.Node): string | undefined {
  if (ts.isVariableStatement(node)) return node.declarationList.declarations[0]?.name.getText()
  const { name } = node as { name?: ts.Node }
  return name?.getText()
}

function find(parent: ts.Node, name: string): ts.Node | undefined {
  return ts.forEachChild(parent, (node) => (named(node) === name ? node : undefined))
}

function dedent(text: string, indent: string): string {
  return text.replaceAll(`\n${indent}`, '\n')
}

/**
 * A declaration by its path: `matmul`, or `Conv2d.gradients` for a member of a class; all of the file without one.
 * @throws Error when the file has no such declaration: a page must not show code that is gone.
 */
export function sourceOf(file: string, path?: string): Source {
  const whole = readSource(file)
  if (path === undefined) return { file, text: whole.trimEnd(), line: 1 }
  const tree = ts.createSourceFile(file, whole, ts.ScriptTarget.Latest, true)
  const node = path
    .split('.')
    .reduce<ts.Node | undefined>((parent, name) => parent && find(parent, name), tree)
  if (node === undefined) throw new Error(`${file} declares no ${path}: a page shows it`)
  const { line, character } = tree.getLineAndCharacterOfPosition(node.getStart(tree, true))
  const text = whole.slice(node.getStart(tree, true), node.getEnd())
  return { file, text: dedent(text, ' '.repeat(character)), line: line + 1 }
}
