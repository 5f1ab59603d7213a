import { writeFileSync } from 'node:fs'

// Imported before `train`: writes the process's largest resident memory, in 10⁶ bytes, when it ends.
process.on('exit', () => {
  const file = process.env['HANDGRAD_LARGEST_RESIDENT']
  if (file !== undefined) writeFileSync(file, String((process.resourceUsage().maxRSS * 1024) / 1e6))
})
