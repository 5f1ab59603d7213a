import { defineConfig } from 'vitest/config'

/** For `src/vitest/index.test.ts`, which starts it: proofs of which most must fail. */
// oxlint-disable-next-line import/no-default-export -- what vitest reads
export default defineConfig({ test: { include: ['proofs.ts'] } })
