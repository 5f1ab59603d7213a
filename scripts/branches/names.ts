import { dirname, join } from 'node:path'
import type { Directive, Node, Statement } from 'oxc-parser'
import type { Tree } from './syntax.ts'

/** Sources by their paths from the repository's root. */
export type Trees = ReadonlyMap<string, Tree>

/** Something that a file declares on its own level. */
export interface Declared {
  readonly file: string
  readonly name: string
  readonly node: Node
}

/** What a name stands for in a file: the file's own, or what it imports from its package or from another one. */
export function lookUp(name: string, file: string, trees: Trees): Declared | null {
  for (const statement of trees.get(file)?.program.body ?? []) {
    const node = declares(statement, name)
    if (node !== null) return { file, name, node }
    if (statement.type !== 'ImportDeclaration') continue
    const imported = statement.specifiers.find(({ local }) => local.name === name)
    if (imported?.type !== 'ImportSpecifier' || imported.imported.type !== 'Identifier') continue
    const from = statement.source.value
    if (from.startsWith('.')) {
      return lookUp(imported.imported.name, join(dirname(file), from).replaceAll('\\', '/'), trees)
    }
    return ofPackage(imported.imported.name, from, trees)
  }
  return null
}

/** What a package offers under a name, whatever file of it declares it. */
function ofPackage(name: string, from: string, trees: Trees): Declared | null {
  const folder = `packages/${from.replace('@handgrad/', '')}/src/`
  for (const [file, { program }] of trees) {
    if (!file.startsWith(folder)) continue
    for (const statement of program.body) {
      const node = statement.type === 'ExportNamedDeclaration' ? declares(statement, name) : null
      if (node !== null) return { file, name, node }
    }
  }
  return null
}

function declares(statement: Directive | Statement, name: string): Node | null {
  const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
  if (declared?.type === 'VariableDeclaration') {
    const own = declared.declarations.find(({ id }) => id.type === 'Identifier' && id.name === name)
    return own?.init ?? null
  }
  if (declared == null || !('id' in declared) || declared.id == null || !('name' in declared.id)) return null
  return declared.id.name === name ? declared : null
}
