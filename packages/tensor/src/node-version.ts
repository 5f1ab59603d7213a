// The first thing that any package of ours runs: what an older Node lacks would be said later, and less clearly.
const { process } = globalThis as { process?: { versions?: { node?: string } } }
const version = process?.versions?.node
if (version !== undefined && Number.parseInt(version, 10) < 20)
  throw new Error(`handgrad needs Node 20 or newer; this is Node ${version}`)
