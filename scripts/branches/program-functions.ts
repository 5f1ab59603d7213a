import type { Node } from 'oxc-parser'
import { type Declared, lookUp, type Trees } from './names.ts'
import { walk } from './syntax.ts'

/** The types that programs are written in. */
const SEEDS = new Set(['Compiler', 'Value', 'Wish', 'ImageShape', 'Fold'])

/**
 * The functions that write a program down, each as `placeOf` has it. Those are, whatever their files and names:
 *
 * - those whose parameters or result name a type of {@link SEEDS}, or one that has a field of such a type;
 * - the methods of a class that has such a field, and those that name a kernel, `'package/kernel'`;
 * - what one of them calls by its name in its own package, and what stands inside or around one of them.
 */
export function programFunctions(trees: Trees): ReadonlySet<string> {
  const types = programTypes(trees)
  const found = new Set<string>()
  const include = (file: string, root: Node): void =>
    walk(root, (node) => {
      if (!isFunction(node) || found.has(placeOf(file, node))) return
      found.add(placeOf(file, node))
      for (const name of callsIn(node)) {
        const called = lookUp(name, file, trees)
        if (called !== null && packageOf(called.file) === packageOf(file)) include(called.file, called.node)
      }
    })
  for (const [file, { program }] of trees) {
    const named = (name: string): boolean => types.has(idOf(lookUp(name, file, trees)))
    walk(program, (node) => {
      if (node.type === 'ClassDeclaration' && node.id != null && named(node.id.name)) include(file, node)
      if (!isFunction(node)) return true
      const written = functionsIn(node).filter((one) => writes(one, named))
      for (const one of written) include(file, one)
      if (written.length > 0) found.add(placeOf(file, node))
      return false
    })
  }
  return found
}

/** A function and those inside it. */
function functionsIn(root: Node): (Node & AnyFunction)[] {
  const found: (Node & AnyFunction)[] = []
  walk(root, (node) => {
    if (isFunction(node)) found.push(node)
  })
  return found
}

function writes(node: Node & AnyFunction, named: (name: string) => boolean): boolean {
  return signatureOf(node).some((part) => mentions(part, named)) || namesKernel(node)
}

/** How the set of functions has one. */
export function placeOf(file: string, { start }: Node): string {
  return `${file}:${start}`
}

interface AnyFunction {
  readonly params: Node[]
  readonly body: Node | null
  readonly returnType?: Node | null
}

function isFunction(node: Node): node is Node & AnyFunction {
  return ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'].includes(node.type)
}

function packageOf(file: string): string {
  return file.split('/')[1]
}

function idOf(declared: Declared | null): string {
  return declared === null ? '' : `${declared.file} ${declared.name}`
}

/** The seeds, and every interface and class with a field of one, until there are no more. */
function programTypes(trees: Trees): ReadonlySet<string> {
  const types = new Set<string>()
  const fields: { file: string; owner: string; type: Node }[] = []
  for (const [file, { program }] of trees) {
    for (const statement of program.body) {
      const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : null
      const name =
        declared !== null && 'id' in declared && declared.id !== null && 'name' in declared.id
          ? declared.id.name
          : ''
      if (SEEDS.has(name)) types.add(`${file} ${name}`)
    }
    walk(program, (node) => {
      if (node.type !== 'TSInterfaceDeclaration' && node.type !== 'ClassDeclaration') return
      for (const member of node.body.body) {
        if (member.type !== 'TSPropertySignature' && member.type !== 'PropertyDefinition') continue
        if (member.typeAnnotation == null || node.id === null) continue
        fields.push({ file, owner: `${file} ${node.id.name}`, type: member.typeAnnotation })
      }
    })
  }
  for (let size = -1; size < types.size; ) {
    size = types.size
    for (const { file, owner, type } of fields)
      if (mentions(type, (name) => types.has(idOf(lookUp(name, file, trees))))) types.add(owner)
  }
  return types
}

/** Whether a type names one of those. */
function mentions(root: Node, those: (name: string) => boolean): boolean {
  let found = false
  walk(root, (node) => {
    if (node.type === 'TSTypeReference' && node.typeName.type === 'Identifier')
      found ||= those(node.typeName.name)
    return !found
  })
  return found
}

function signatureOf({ params, returnType }: AnyFunction): Node[] {
  return returnType == null ? params : [...params, returnType]
}

/** Whether a function itself, and not one inside it, names a kernel. */
function namesKernel(root: Node): boolean {
  let found = false
  walk(root, (node) => {
    if (node !== root && isFunction(node)) return false
    if (node.type === 'Literal' && typeof node.value === 'string')
      found ||= /^[a-z-]+\/[a-z]\w*$/.test(node.value)
    return !found
  })
  return found
}

function callsIn(root: Node): ReadonlySet<string> {
  const names = new Set<string>()
  walk(root, (node) => {
    if (node.type === 'CallExpression' && node.callee.type === 'Identifier') names.add(node.callee.name)
  })
  return names
}
