#!/usr/bin/env node
// What any Node with modules understands: the project itself needs a newer one.
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const template = fileURLToPath(new URL('template/', import.meta.url))
const usage = `Usage: npm create handgrad [folder]

Makes a project in the folder (default: handgrad-project) that trains a network with a layer of its own, tests that
layer's gradient, and runs in a page.`

/** Ends with one line. */
function refuse(message, status) {
  console.error(`error: ${message}`)
  process.exit(status)
}

/** A name that npm takes for a package: that of the folder, as far as it may be one. */
function packageName(folder) {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9._~-]+/g, '-')
    .replace(/^[._-]+|-+$/g, '')
  return name || 'handgrad-project'
}

const version = process.versions.node
if (Number(version.split('.')[0]) < 20) refuse(`handgrad needs Node 20 or newer; this is Node ${version}`, 1)

const args = process.argv.slice(2)
if (args.includes('--help') || args.includes('-h')) {
  console.log(usage)
  process.exit(0)
}
const option = args.find((arg) => arg.startsWith('-'))
if (option !== undefined)
  refuse(`there is no option ${option}; npm create handgrad -- --help says what there is`, 2)
if (args.length > 1) refuse(`expected one folder, got ${args.length}: ${args.join(' ')}`, 2)

const shown = args[0] ?? 'handgrad-project'
const folder = resolve(shown)
if (existsSync(folder)) {
  if (!statSync(folder).isDirectory()) refuse(`${shown} is a file, expected a new or an empty folder`, 1)
  // An empty repository is empty.
  if (readdirSync(folder).some((name) => name !== '.git'))
    refuse(`${shown} is not empty, expected a new or an empty folder`, 1)
}

try {
  cpSync(template, folder, { recursive: true })
  // npm leaves a .gitignore out of what it packs, or takes it for its own.
  renameSync(join(folder, '_gitignore'), join(folder, '.gitignore'))
  const manifest = join(folder, 'package.json')
  const text = readFileSync(manifest, 'utf8')
  writeFileSync(
    manifest,
    text.replace('"name": "handgrad-project"', () => `"name": "${packageName(folder)}"`),
  )
} catch (error) {
  refuse(`${shown} cannot be written (${error.message})`, 1)
}

const path = relative('', folder)
console.log(`Made ${shown}. Next:

${path === '' ? '' : `  cd ${/\s/.test(path) ? JSON.stringify(path) : path}\n`}  npm install
  npm run train    trains on MNIST
  npm test         compares the layer's gradient with differences
  npm run dev      the same network, trained in a page`)
