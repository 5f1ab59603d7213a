/** Arrows point one way: apps → trainer → layers, loss-optim, data → tensor; gradcheck → tensor. Circles: import/no-cycle. */
const proof = '(spec|specs|derivation|mutants)\\.ts$|\\.(proof|test)\\.ts$'
const only = (name, allowed) => ({
  name: `${name}-arrows`,
  severity: 'error',
  from: { path: `^packages/${name}/src`, pathNot: proof },
  to: { path: '^(packages|apps)/', pathNot: `^packages/(${[name, ...allowed].join('|')})/` },
})

export default {
  forbidden: [
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '\\.astro$|^virtual:|^astro:' },
    },
    only('tensor', []),
    only('gradcheck', ['tensor']),
    only('layers', ['tensor']),
    only('loss-optim', ['tensor']),
    only('data', ['tensor']),
    only('trainer', ['layers', 'loss-optim', 'data', 'tensor']),
    {
      name: 'proof-files-use-gradcheck',
      comment:
        'specs, derivations and mutants hand a layer to gradcheck; they never reach the trainer or an app',
      severity: 'error',
      from: { path: `^packages/(layers|loss-optim)/src/.*(${proof})` },
      to: { path: '^(packages/(data|trainer)|apps)/' },
    },
    {
      name: 'packages-do-not-import-apps',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^apps/' },
    },
    {
      name: 'create-handgrad-imports-nothing',
      severity: 'error',
      from: { path: '^packages/create-handgrad/' },
      to: { dependencyTypesNot: ['core'] },
    },
    {
      name: 'node-through-platform',
      comment: 'what runs in browsers reaches node: modules only through #platform',
      severity: 'error',
      from: {
        path: '^packages/(tensor|layers|loss-optim|data|trainer)/src',
        pathNot: `/platform/|/test/|${proof}`,
      },
      to: { dependencyTypes: ['core'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|node_modules)/|^packages/create-handgrad/template/|\\.as\\.ts$' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
    },
  },
}
