import type { ViteUserConfig } from 'vitest/config'

/** For `src/vitest/index.test.ts`, which starts it: proofs of which most must fail. */
const config: ViteUserConfig = { test: { include: ['proofs.ts'] } }

// oxlint-disable-next-line import/no-default-export -- what vitest reads
export default config
