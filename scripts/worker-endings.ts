import { readFileSync, writeFileSync } from 'node:fs'

// tsc leaves the addresses of workers as they are: in built files they must end in .js.
for (const file of process.argv.slice(2)) {
  const built = readFileSync(file, 'utf8').replaceAll(/(new URL\('[^']+)\.ts'/g, "$1.js'")
  writeFileSync(file, built)
}
