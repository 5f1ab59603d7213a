import { type Application, Converter, ReflectionKind } from 'typedoc'

/** Names the API reference's modules as they are imported: `@handgrad/tensor`, not `tensor/src`. */
export function moduleNames(app: Application): void {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
      module.name = `@handgrad/${module.name.replace(/\/src$/, '')}`
    }
  })
}
